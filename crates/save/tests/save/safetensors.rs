//! `save_file` and `load_file` against files of Python's `safetensors`, and the error of every broken file.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use downhill_save::{load_file, load_file_with_metadata, save_file, save_file_with_metadata};
use downhill_tensor::{AnyTensor, Kind, StateDict, Tensor};

use crate::{folder, names};

/// The tensors of `tests/python/safetensors_files.py`.
fn tensors() -> StateDict {
    let edges = vec![f32::INFINITY, f32::NEG_INFINITY, f32::NAN, -0.0, 1e-45, f32::MAX];
    let mut state = StateDict::new();
    state.insert("conv1.weight", &Tensor::from([[-1.0, -0.75, -0.5], [-0.25, 0.0, 0.25]]));
    state.insert("edges", &Tensor::from_vec(edges, [6]).unwrap());
    state.insert("fine", &Tensor::<f64>::new([0.1, -1e300]));
    state.insert_number::<i64>("steps", -(1 << 53) - 1);
    state.insert("labels", &Tensor::from([[1, 2], [3, i64::MAX]]));
    state.insert("mask", &Tensor::from([true, false, true]));
    state.insert("none", &Tensor::zeros([0, 4]));
    state.insert("größe", &Tensor::ones([1, 1, 1]));
    state
}

/// Type, shape and exact values, by name.
fn contents(state: &StateDict) -> BTreeMap<String, (Kind, Vec<usize>, Vec<u64>)> {
    let bits = |any: &AnyTensor| -> Vec<u64> {
        match any {
            AnyTensor::F32(tensor) => tensor.to_vec().into_iter().map(|x| u64::from(x.to_bits())).collect(),
            AnyTensor::F64(tensor) => tensor.to_vec().into_iter().map(f64::to_bits).collect(),
            AnyTensor::I64(tensor) => tensor.to_vec().into_iter().map(i64::cast_unsigned).collect(),
            AnyTensor::Bool(tensor) => tensor.to_vec().into_iter().map(u64::from).collect(),
        }
    };
    state.iter().map(|(name, any)| (name.to_owned(), (any.kind(), any.shape().to_vec(), bits(any)))).collect()
}

pub(crate) fn committed(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/save").join(name)
}

#[test]
fn a_file_of_python_is_read() {
    let (state, metadata) = load_file_with_metadata(committed("python.safetensors")).unwrap();
    assert_eq!(contents(&state), contents(&tensors()));
    assert_eq!(metadata, BTreeMap::from([("made by".to_owned(), "Python".to_owned())]));
}

/// `downhill.safetensors` is a file that Python has read.
#[test]
fn our_own_file_is_as_committed() {
    let path = folder("own").join("downhill.safetensors");
    save_file_with_metadata(&tensors(), &BTreeMap::from([("made by".to_owned(), "downhill".to_owned())]), &path)
        .unwrap();
    assert_eq!(fs::read(&path).unwrap(), fs::read(committed("downhill.safetensors")).unwrap());
    assert_eq!(contents(&load_file(&path).unwrap()), contents(&tensors()));
}

#[test]
fn views_are_saved_contiguously() {
    let path = folder("views").join("views.safetensors");
    let mut state = StateDict::new();
    state.insert("t", &Tensor::from([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]).t());
    save_file(&state, &path).unwrap();
    let read = load_file(&path).unwrap().tensor::<f32>("t").unwrap();
    assert_eq!((read.shape(), read.to_vec()), ([3, 2].as_slice(), vec![1.0, 4.0, 2.0, 5.0, 3.0, 6.0]));
    save_file(&StateDict::new(), &path).unwrap();
    assert!(load_file(&path).unwrap().is_empty());
}

#[test]
fn failed_writes_leave_the_previous_file() {
    let folder = folder("unwritten");
    let path = folder.join("net.safetensors");
    save_file(&tensors(), &path).unwrap();
    let before = fs::read(&path).unwrap();

    let mut reserved = StateDict::new();
    reserved.insert("__metadata__", &Tensor::ones([1]));
    let expected = "cannot be written: no tensor can be named `__metadata__` in a safetensors file; rename it";
    assert_eq!(save_file(&reserved, &path).unwrap_err().to_string(), format!("{}: {expected}", path.display()));
    assert_eq!((fs::read(&path).unwrap(), names(&folder)), (before, vec!["net.safetensors".to_owned()]));

    // Writing fails at the last step, because a folder has the name: no temporary file is left.
    let taken = folder.join("taken");
    fs::create_dir(&taken).unwrap();
    let expected = format!("{}: cannot be written: Is a directory (os error 21)", taken.display());
    assert_eq!(save_file(&tensors(), &taken).unwrap_err().to_string(), expected);
    // And at the first step, because there is no folder.
    let nowhere = folder.join("no/net.safetensors");
    let expected = format!("{}: cannot be written: No such file or directory (os error 2)", nowhere.display());
    assert_eq!(save_file(&tensors(), &nowhere).unwrap_err().to_string(), expected);
    assert_eq!(names(&folder), ["net.safetensors", "taken"]);
}

#[cfg(unix)]
#[test]
fn a_symbolic_link_stays_and_leads_to_the_new_file() {
    use std::os::unix::fs::symlink;

    let folder = folder("links");
    fs::create_dir(folder.join("models")).unwrap();
    symlink("models/net.safetensors", folder.join("near")).unwrap();
    symlink(folder.join("near"), folder.join("far")).unwrap();
    for (link, number) in [("near", 1.0), ("far", 2.0)] {
        let mut state = StateDict::new();
        state.insert("w", &Tensor::full([1], number));
        save_file(&state, folder.join(link)).unwrap();
        let saved = load_file(folder.join("models/net.safetensors")).unwrap();
        assert_eq!(saved.get("w").unwrap().get::<f32>().unwrap().to_vec(), [number as f32], "through `{link}`");
        assert!(folder.join(link).is_symlink(), "`{link}` was replaced");
    }
    assert_eq!(
        (names(&folder), names(&folder.join("models"))),
        (vec!["far".into(), "models".into(), "near".into()], vec!["net.safetensors".into()])
    );

    symlink("round", folder.join("round")).unwrap();
    let path = folder.join("round");
    let expected = "cannot be written: the path leads through too many symbolic links";
    assert_eq!(save_file(&tensors(), &path).unwrap_err().to_string(), format!("{}: {expected}", path.display()));
}
