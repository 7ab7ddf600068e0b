//! What LeNet has learned: accuracy, the confusion matrix, and its worst mistakes as a picture.

use std::path::Path;

use downhill::prelude::*;
use downhill::viz::ImageSheet;

use crate::model::LeNet;

/// The logits of all images, computed in batches so that memory stays small.
pub fn logits(net: &LeNet, images: &Tensor) -> Tensor {
    net.eval();
    let rows = images.shape()[0] as isize;
    let batch = |start: isize| no_grad(|| net.forward(&images.slice(0, start..start + 256)));
    let batches: Vec<Tensor> = (0..rows).step_by(256).map(batch).collect();
    net.train();
    Tensor::cat(&batches.iter().collect::<Vec<_>>(), 0)
}

/// How often each class (row) was classified as each class (column).
pub fn confusion(logits: &Tensor, labels: &Tensor<i64>) -> [[usize; 10]; 10] {
    let mut counts = [[0; 10]; 10];
    for (label, prediction) in labels.to_vec().into_iter().zip(logits.argmax_dim(1).to_vec()) {
        counts[label as usize][prediction as usize] += 1;
    }
    counts
}

pub fn print_confusion(counts: &[[usize; 10]; 10]) {
    println!("Rows are digits, columns what they were taken for:");
    println!("       {}", (0..10).map(|digit| format!("{digit:>5}")).collect::<String>());
    for (digit, row) in counts.iter().enumerate() {
        let cells: String =
            row.iter().map(|&n| if n == 0 { "    .".to_owned() } else { format!("{n:>5}") }).collect();
        println!("  {digit:>4} {cells}");
    }
}

/// Draws the misclassified images with the highest loss, at most 32; returns the number of mistakes.
pub fn save_mistakes(images: &Tensor, logits: &Tensor, labels: &Tensor<i64>, file: &Path) -> std::io::Result<usize> {
    let losses = logits.cross_entropy(labels).to_vec();
    let (predictions, labels) = (logits.argmax_dim(1).to_vec(), labels.to_vec());
    let mut wrong: Vec<usize> = (0..labels.len()).filter(|&i| predictions[i] != labels[i]).collect();
    wrong.sort_by(|&a, &b| losses[b].total_cmp(&losses[a]));
    let sheet = ImageSheet::new("The worst mistakes: digit, and what it was taken for");
    let sheet = wrong.iter().take(32).fold(sheet, |sheet, &i| {
        let pixels: Vec<f64> = images.select(0, i as isize).to_vec().into_iter().map(f64::from).collect();
        sheet.image(format!("{}, not {}", labels[i], predictions[i]), 28, &pixels)
    });
    sheet.save(file)?;
    Ok(wrong.len())
}
