//! Networks are printed as PyTorch prints them.

use downhill_nn::{Flatten, Linear, ReLU, Sequential, Tanh, summary};

use crate::module::Block;

#[test]
fn a_network_is_printed_as_pytorch_prints_it() {
    let rows: [(String, &str); 4] = [
        (Sequential::<f32>::new().to_string(), "Sequential()"),
        (Linear::<f64>::of(2, 1).to_string(), "Linear(in_features=2, out_features=1, bias=True)"),
        (
            Sequential::new()
                .add(Linear::new(4, 8))
                .add(Sequential::new().add(Tanh).add(Sequential::new()))
                .add(ReLU)
                .add(ReLU)
                .add(Flatten::new())
                .to_string(),
            "\
Sequential(
  (0): Linear(in_features=4, out_features=8, bias=True)
  (1): Sequential(
    (0): Tanh()
    (1): Sequential()
  )
  (2): ReLU()
  (3): ReLU()
  (4): Flatten(start_dim=1, end_dim=-1)
)",
        ),
        // The description of the module itself has a line of its own, and equal modules of a list are counted.
        (
            summary(&Block::new()),
            "\
Block(
  rate=0.5
  (fc): Linear(in_features=3, out_features=1, bias=True)
  (maybe): Linear(in_features=2, out_features=2, bias=False)
  (list): ModuleList(
    (0-1): 2 x Linear(in_features=2, out_features=2, bias=False)
  )
  (pair): ModuleList(
    (0-1): 2 x Linear(in_features=2, out_features=2, bias=False)
  )
  (any): ModuleList(
    (0): ReLU()
    (1): Linear(in_features=2, out_features=2, bias=False)
    (2): Sequential(
      (0): Linear(in_features=2, out_features=2, bias=False)
    )
  )
  (weights): ParameterList()
)",
        ),
    ];
    for (text, expected) in rows {
        assert_eq!(text, expected);
    }
}
