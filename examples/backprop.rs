//! See backprop on a network of two layers: the tape, one gradient explained number by number, the gradient of each
//! parameter, and two pictures to look at.
//!
//! ```text
//! cargo run --release --example backprop
//! ```

use downhill::prelude::*;
use downhill::tensor::Tape;
use downhill_examples::picture_folder;

#[derive(Module)]
struct Net {
    hidden: nn::Linear,
    output: nn::Linear,
}

impl Net {
    fn forward(&self, x: &Tensor) -> Tensor {
        self.output.forward(&self.hidden.forward(x).tanh())
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = picture_folder("backprop", None, &["graph.svg", "backprop.html"])?;
    manual_seed(2);
    // XOR, "one or the other, but not both": the smallest task that a single layer cannot learn.
    let x = Tensor::from([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]).named("x");
    let labels = Tensor::from([0, 1, 1, 0]);
    let net = Net { hidden: nn::Linear::new(2, 3), output: nn::Linear::new(3, 2) };
    let criterion = nn::CrossEntropyLoss::new();

    let (loss, tape) = Tape::record(|| {
        let loss = criterion.forward(&net.forward(&x), &labels).named("loss");
        loss.backward();
        loss
    });
    let tape = tape.with_names(net.named_parameters());

    println!("{net}\nloss {:.4}\n", loss.item());
    println!("The tape: what was computed, and what flowed back.\n\n{tape}");
    println!("Step by step, from the loss to the first layer:\n");
    for step in tape.backward_steps(&loss) {
        let entry = &tape.entries()[step.entry()];
        let name = entry.name().map_or_else(|| format!("%{} ({})", entry.number(), entry.op()), str::to_owned);
        let consumers: Vec<_> = step.contributions().iter().map(|part| format!("%{}", part.input())).collect();
        let goes_on = if consumers.is_empty() { "ends here".to_owned() } else { consumers.join(", ") };
        println!("  gradient of {name}, shape {:?}: {goes_on}", entry.shape());
    }

    println!("\nWhy the gradient of one weight is what it is, two operations deep:\n");
    println!("{}\n", tape.explain(&net.hidden.weight, [0, 1]).depth(2).width(2));

    println!("What each parameter got:\n\n{}", tape.audit());

    let graph = viz::Graph::of(&tape).title("XOR with two layers");
    graph.save(folder.join("graph.svg"))?;
    viz::Page::of(&tape).title("XOR with two layers").save(folder.join("backprop.html"))?;
    println!("Pictures: {0}/graph.svg, and {0}/backprop.html to step through in a browser.", folder.display());
    Ok(())
}
