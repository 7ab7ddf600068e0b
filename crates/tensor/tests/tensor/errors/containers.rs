//! An error inside a container, where the location of the caller is lost.

use std::panic::Location;

use downhill_tensor::{Tensor, calling};

use super::{panic_of, zeros};

/// A container that runs its layers behind `dyn`, where the location of a caller is lost.
struct Pair(Vec<Box<dyn Layer>>);

trait Layer {
    fn forward(&self, x: &Tensor) -> Tensor;
}

struct Weight(Tensor);

impl Layer for Weight {
    fn forward(&self, x: &Tensor) -> Tensor {
        x.matmul(&self.0)
    }
}

impl Layer for Pair {
    fn forward(&self, x: &Tensor) -> Tensor {
        self.run(x)
    }
}

impl Pair {
    #[track_caller]
    fn run(&self, x: &Tensor) -> Tensor {
        let line = Location::caller();
        self.0
            .iter()
            .enumerate()
            .fold(x.clone(), |x, (i, layer)| calling(&format!("Pair.{i}"), line, || layer.forward(&x)))
    }
}

#[test]
fn an_error_inside_a_container_names_the_container_and_the_line_that_called_it() {
    let text =
        "matmul: cannot multiply [5, 3] by [4, 2]; the last dimension of the left (3) must equal 4 of the right";
    let (right, wrong) = (|| Box::new(Weight(zeros([3, 3]))), || Box::new(Weight(zeros([4, 2]))));

    let pair = Pair(vec![right(), wrong()]);
    let first = panic_of(|| drop(pair.run(&zeros([5, 3])))).unwrap();
    let column = "    let first = panic_of(|| drop(pair.".len() + 1;
    assert_eq!(first.text, format!("{text}\n  in Pair.1, called at {}:{}:{column}", file!(), line!() - 2));

    // Of nested containers, the user called the outermost.
    let nested = Pair(vec![right(), Box::new(Pair(vec![wrong(), right()]))]);
    let nested = panic_of(|| drop(nested.run(&zeros([5, 3])))).unwrap();
    let column = "    let nested = panic_of(|| drop(nested.".len() + 1;
    assert_eq!(
        nested.text,
        format!("{text}\n  in Pair.0, in Pair.1, called at {}:{}:{column}", file!(), line!() - 4)
    );

    // After the panic no container counts as running.
    let outside = panic_of(|| drop(zeros([5, 3]).matmul(&zeros([4, 2])))).unwrap();
    assert_eq!((outside.text.as_str(), outside.line), (text, line!() - 1));
    assert_eq!(pair.0[0].forward(&zeros([5, 3])).shape(), [5, 3]);
}
