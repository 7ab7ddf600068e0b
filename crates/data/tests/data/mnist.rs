//! The four files of MNIST: their names, their contents, and a table with one row for each error.

use std::fs;
use std::path::{Path, PathBuf};

use downhill_data::{Dataset, Mnist, TensorDataset};

use crate::gzip;

/// A temporary folder for a test, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("downhill-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        fs::write(self.0.join(name), bytes).unwrap();
    }

    /// The message of the error, with `DIR` for the folder.
    fn error(&self) -> String {
        let text = Mnist::open(&self.0).unwrap_err().to_string();
        text.replace(&self.0.display().to_string(), "DIR")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).unwrap();
    }
}

fn idx(shape: &[u32], values: &[u8]) -> Vec<u8> {
    let sizes = shape.iter().flat_map(|size| size.to_be_bytes());
    [0, 0, 8, shape.len() as u8].into_iter().chain(sizes).chain(values.iter().copied()).collect()
}

/// The files that tests/python/mnist_files.py writes.
fn pixel(image: usize, place: usize) -> u8 {
    ((image * 50 + place) % 256) as u8
}

fn images(count: usize) -> Vec<u8> {
    let pixels: Vec<u8> = (0..count).flat_map(|image| (0..784).map(move |place| pixel(image, place))).collect();
    idx(&[count as u32, 28, 28], &pixels)
}

fn labels(count: usize) -> Vec<u8> {
    idx(&[count as u32], &(0..count).map(|i| 9 - i as u8).collect::<Vec<_>>())
}

fn check(dataset: &TensorDataset<f32, i64>, count: usize) {
    let expected = (0..count).flat_map(|image| (0..784).map(move |place| f32::from(pixel(image, place)) / 255.0));
    assert_eq!(dataset.features().shape(), [count, 1, 28, 28]);
    assert_eq!(dataset.features().to_vec(), expected.collect::<Vec<_>>());
    assert_eq!(dataset.targets().to_vec(), (0..count as i64).map(|i| 9 - i).collect::<Vec<_>>());
}

#[test]
fn files_compressed_by_python() {
    let mnist = Mnist::open(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mnist")).unwrap();
    check(&mnist.train, 3);
    check(&mnist.test, 2);
}

#[test]
fn forms_of_the_names() {
    for (number, (separator, compressed)) in
        [('-', false), ('.', false), ('-', true), ('.', true)].into_iter().enumerate()
    {
        let folder = Folder::new(&format!("names-{number}"));
        for (part, count) in [("train", 2), ("t10k", 1)] {
            for (what, rank, bytes) in [("images", 3, images(count)), ("labels", 1, labels(count))] {
                let name = format!("{part}-{what}{separator}idx{rank}-ubyte");
                match compressed {
                    true => folder.write(&format!("{name}.gz"), &gzip(&bytes)),
                    false => folder.write(&name, &bytes),
                }
            }
        }
        let mnist = Mnist::open(&folder.0).unwrap();
        check(&mnist.train, 2);
        check(&mnist.test, 1);
    }
}

#[test]
fn sets_without_examples() {
    let folder = Folder::new("empty");
    for part in ["train", "t10k"] {
        folder.write(&format!("{part}-images-idx3-ubyte"), &images(0));
        folder.write(&format!("{part}-labels-idx1-ubyte"), &labels(0));
    }
    assert!(Mnist::open(&folder.0).unwrap().test.is_empty());
}

#[test]
fn missing_files() {
    let names =
        ["train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"];
    let folder = Folder::new("missing");
    for (number, name) in names.into_iter().enumerate() {
        let advice = "plain or with .gz; name the folder that holds the four files of MNIST";
        assert_eq!(folder.error(), format!("DIR: there is no file {name}, {advice}"));
        folder.write(name, &if number % 2 == 0 { images(1) } else { labels(1) });
    }
    assert!(Mnist::open(&folder.0).is_ok());
}

#[test]
fn errors() {
    let names = ["train-images-idx3-ubyte", "train-labels-idx1-ubyte.gz", "t10k-images.idx3-ubyte"];
    // Which file is replaced, by what, and the message.
    let cases = [
        (
            0,
            images(2)[..1000].to_vec(),
            "DIR/train-images-idx3-ubyte: cut off: 1000 bytes are there, but an array of shape [2, 28, 28] takes \
             1584; fetch the file again",
        ),
        (
            0,
            labels(2),
            "DIR/train-images-idx3-ubyte: an array of shape [2]; expected images of shape [count, 28, 28]",
        ),
        (
            0,
            idx(&[1, 2, 2], &[1, 2, 3, 4]),
            "DIR/train-images-idx3-ubyte: an array of shape [1, 2, 2]; expected images of shape [count, 28, 28]",
        ),
        (
            1,
            images(2),
            "DIR/train-labels-idx1-ubyte.gz: an array of shape [2, 28, 28]; expected labels of shape [count]",
        ),
        (
            1,
            labels(3),
            "DIR/train-images-idx3-ubyte has 2 images, but DIR/train-labels-idx1-ubyte.gz has 3 labels; take both \
             from the same source",
        ),
        (1, idx(&[2], &[9, 10]), "DIR/train-labels-idx1-ubyte.gz: label 1 (counted from 0) is 10; expected 0 to 9"),
        (
            1,
            gzip(&[&[0, 0, 8, 2, 0, 0, 4, 0, 0, 16, 0, 0][..], &vec![0; 1 << 16]].concat()),
            "DIR/train-labels-idx1-ubyte.gz: an array of shape [1024, 1048576]; expected labels of shape [count]",
        ),
        (
            1,
            gzip(&labels(2))[..15].to_vec(),
            "DIR/train-labels-idx1-ubyte.gz: not intact gzip data (incomplete deflate stream); fetch the file again",
        ),
        (
            2,
            images(2),
            "DIR/t10k-images.idx3-ubyte has 2 images, but DIR/t10k-labels-idx1-ubyte has 1 labels; take both from \
             the same source",
        ),
    ];
    for (number, (file, bytes, expected)) in cases.into_iter().enumerate() {
        let folder = Folder::new(&format!("errors-{number}"));
        folder.write(names[0], &images(2));
        folder.write(names[1], &gzip(&labels(2)));
        folder.write(names[2], &images(1));
        folder.write("t10k-labels-idx1-ubyte", &labels(1));
        folder.write(names[file], &bytes);
        assert_eq!(folder.error(), expected);
    }
}
