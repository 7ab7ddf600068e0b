//! Files with n names.

use std::fs;

use downhill_data::CsvData;
use downhill_save::{Checkpoint, load_file, save_file};
use downhill_tensor::{StateDict, Tensor};

use super::seconds;

pub fn csv(n: usize) -> f64 {
    let names: Vec<String> = (0..n).map(|i| format!("column{i}")).collect();
    let text = format!("{}\n{}\n", names.join(","), vec!["0.5"; n].join(","));
    seconds(|| CsvData::<f32>::read(text.as_bytes(), "wide.csv", "column0").expect("numbers below names"))
}

pub fn safetensors(n: usize) -> f64 {
    let mut state = StateDict::new();
    (0..n).for_each(|i| state.insert(format!("layer{i}.weight"), &Tensor::zeros([1])));
    let path = std::env::temp_dir().join(format!("downhill-bench-{}.safetensors", std::process::id()));
    let elapsed = seconds(|| {
        save_file(&state, &path).expect("the folder for temporary files can be written");
        load_file(&path).expect("what was written")
    });
    // A failed removal does no harm.
    let _ = fs::remove_file(&path);
    elapsed
}

pub fn checkpoint(n: usize) -> f64 {
    seconds(|| {
        let checkpoint = (0..n).fold(Checkpoint::new(), |all, i| all.with_number(&i.to_string(), 0.5));
        (0..n).map(|i| checkpoint.number(&i.to_string()).expect("it was put in")).sum::<f64>()
    })
}
