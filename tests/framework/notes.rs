//! The notes that gradients, optimisers, schedulers and layers send to observers.

use downhill::prelude::*;
use downhill::tensor::Error;
use downhill::tensor::observe::{Event, Note, Observer, id, observe};

/// Keeps every note with its line.
#[derive(Default)]
struct Notes(Vec<(Note, u32)>);

impl Observer for Notes {
    fn see(&mut self, event: &Event<'_>) -> Result<(), Error> {
        if let Event::Noted { note, line } = event {
            self.0.push(((*note).clone(), line.line()));
        }
        Ok(())
    }
}

fn notes(f: impl FnOnce()) -> Vec<(Note, u32)> {
    observe(Notes::default(), f).1.0
}

#[test]
fn a_gradient_tells_what_becomes_of_it() {
    let w = Tensor::from([1.0, 2.0]).requires_grad_(true);
    let id = id(&w);
    let told = notes(|| {
        w.zero_grad();
        w.set_grad(Some(Tensor::ones([2])));
        w.grad();
        w.grad_array();
        no_grad(|| w.sub_(1.0));
        no_grad(|| w.update_(|values| values.fill(0.0)));
        w.set_grad(None);
    });
    let told: Vec<Note> = told.into_iter().map(|(note, _)| note).collect();
    let changed = |op| Note::Changed { id, op };
    let (cleared, read) = (Note::Cleared { id }, Note::Read { id });
    let replaced = Note::Replaced { id };
    let expected = [cleared.clone(), replaced, read.clone(), read, changed("sub_"), changed("update_"), cleared];
    assert_eq!(told, expected);
}

#[test]
fn a_step_tells_its_parameters_its_rate_and_its_line() {
    let [w, b] = [1.0, 2.0].map(|x| Tensor::from(x).requires_grad_(true));
    w.set_grad(Some(Tensor::from(1.0)));
    let parameters = vec![id(&w), id(&b)];
    let stepped =
        |lr, maximize| Note::Stepped { parameters: parameters.clone(), with_gradient: vec![id(&w)], lr, maximize };
    let is_step = |(note, _): &(Note, u32)| matches!(note, Note::Stepped { .. });
    let steps = |f: &mut dyn FnMut()| notes(f).into_iter().filter(is_step).collect::<Vec<_>>();

    let mut sgd = optim::SGD::new([&w], 0.5).add_group(optim::SGD::new([&b], 0.1));
    assert_eq!(steps(&mut || sgd.step()), [(stepped(0.5, false), line!())]);
    let mut adam: Box<dyn Optimizer> = Box::new(optim::Adam::new([&w, &b], 0.25).maximize(true));
    assert_eq!(steps(&mut || adam.step()), [(stepped(0.25, true), line!())]);
    let mut lbfgs = optim::LBFGS::new([&w, &b], 1.0);
    let mut step = || drop(lbfgs.step_with(|| Tensor::from(0.0)));
    assert_eq!(steps(&mut step), [(stepped(1.0, false), line!() - 1)]);
    assert_eq!(steps(&mut || drop(optim::Newton::new([&w], 1.0).step_with(|| w.square()))), []);
}

#[test]
fn schedulers_and_layers_in_training_tell_it() {
    let w = Tensor::from(1.0).requires_grad_(true);
    let mut optimizer = optim::SGD::new([&w], 0.5);
    let mut scheduler = optim::Scheduler::new(&mut optimizer, optim::StepLR::new(1));
    let told = notes(|| scheduler.step(&mut optimizer));
    assert_eq!(told, [(Note::Scheduled { epoch: 1 }, line!() - 1)]);

    let (drop, norm) = (nn::Dropout::new(0.5), nn::BatchNorm1d::new(2));
    let mut outputs = Vec::new();
    let told = notes(|| {
        for _ in 0..2 {
            outputs.push(id(&drop.forward(&Tensor::ones([4, 2]))));
            outputs.push(id(&norm.forward(&Tensor::ones([4, 2]))));
            drop.eval();
            norm.eval();
        }
    });
    let ran = |layer, output| Note::RanInTraining { layer, output };
    let expected = [(ran("Dropout", outputs[0]), line!() - 7), (ran("BatchNorm1d", outputs[1]), line!() - 6)];
    let is_run = |(note, _): &(Note, u32)| matches!(note, Note::RanInTraining { .. });
    assert_eq!(told.into_iter().filter(is_run).collect::<Vec<_>>(), expected);
}
