//! Optimisers that update each parameter by its own gradient: all but LBFGS and Newton.
//!
//! What they share is written here once: groups, steps, checks, saving. What makes SGD or Adam is a [`Rule`], and a rule of
//! your own is an optimiser as well.

use std::borrow::{Borrow, Cow};

use downhill_tensor::{
    Float, Kernel, LoadError, MulAdd, StateDict, Tensor, enable_grad, for_each_part, no_grad, vectorized,
};

use crate::group::{Group, Options, check_new};
use crate::optimizer::{Optimizer, ParamGroup, checked_lr};
use crate::reader::Reader;

/// What an optimiser does to the elements of a parameter.
///
/// A large parameter is updated in parts, which several threads share; each part has buffers of its own.
///
/// ```
/// use downhill_optim::{Descent, Optimizer, Options, Rule, Setting};
/// use downhill_tensor::{Error, Tensor};
///
/// /// Steps of one size, whatever the gradient.
/// #[derive(Clone, Debug)]
/// struct SignDescent;
///
/// impl Options for SignDescent {
///     const NAME: &'static str = "SignDescent";
///     fn settings(&mut self) -> Vec<Setting<'_>> {
///         Vec::new()
///     }
/// }
///
/// impl Rule<f32> for SignDescent {
///     const BUFFERS: &'static [&'static str] = &[];
///
///     #[inline(always)]
///     fn update(&self, lr: f64, _step: i64, values: &mut [f32], grad: &[f32], _buffers: &mut [Vec<f32>; 3]) {
///         for (p, g) in values.iter_mut().zip(grad) {
///             *p -= lr as f32 * g.signum();
///         }
///     }
/// }
///
/// let w = Tensor::from([1.0, -2.0]).requires_grad_(true);
/// let mut optimizer = Descent::with_rule([&w], 0.5, SignDescent);
/// w.square().sum().backward();
/// optimizer.step();
/// assert_eq!(w.to_vec(), [0.5, -1.5]);
/// ```
pub trait Rule<T: Float>: Options + Sync {
    /// The names of the buffers that are kept for each parameter, at most three.
    const BUFFERS: &'static [&'static str];

    /// Changes elements of a parameter by their gradient. `step` counts the updates of this parameter from 1. A buffer is
    /// empty until the rule fills it, with a number for each of these elements.
    ///
    /// A simple loop that says `#[inline(always)]` is compiled to the widest vector instructions of the machine.
    fn update(&self, lr: f64, step: i64, values: &mut [T], grad: &[T], buffers: &mut [Vec<T>; 3]);

    /// Panics when options do not fit together.
    #[track_caller]
    fn check(&self) {}
}

/// How many elements are updated at once: what a thread does, and what stays in a cache.
const PART: usize = 1 << 15;

/// What is remembered of one parameter from step to step.
#[derive(Clone, Debug)]
struct Memory<T> {
    step: i64,
    /// The buffers of each part of [`PART`] elements.
    parts: Vec<[Vec<T>; 3]>,
}

impl<T: Float> Memory<T> {
    fn new(parameter: &Tensor<T>) -> Self {
        Memory { step: 0, parts: vec![Default::default(); parameter.numel().div_ceil(PART)] }
    }

    /// A buffer of the whole parameter.
    fn buffer(&self, index: usize) -> Vec<T> {
        self.parts.iter().flat_map(|buffers| &buffers[index]).copied().collect()
    }

    fn set_buffer(&mut self, index: usize, values: &[T]) {
        for (buffers, values) in self.parts.iter_mut().zip(values.chunks(PART)) {
            buffers[index] = values.to_vec();
        }
    }
}

/// Updates a parameter part by part, on several threads where that is allowed.
fn update<T: Float, R: Rule<T>>(rule: &R, lr: f64, memory: &mut Memory<T>, values: &mut [T], grad: &[T]) {
    let step = memory.step;
    let parts = values.chunks_mut(PART).zip(grad.chunks(PART)).zip(&mut memory.parts);
    let mut updates = parts.map(|((values, grad), buffers)| Update { rule, lr, step, values, grad, buffers });
    if updates.len() == 1 {
        updates.by_ref().for_each(vectorized);
    } else {
        for_each_part(updates.collect(), true, vectorized);
    }
}

/// The update of a part, compiled for every level of vector instructions.
struct Update<'a, T, R> {
    rule: &'a R,
    lr: f64,
    step: i64,
    values: &'a mut [T],
    grad: &'a [T],
    buffers: &'a mut [Vec<T>; 3],
}

impl<T: Float, R: Rule<T>> Kernel for Update<'_, T, R> {
    type Output = ();

    // A rule multiplies and adds in two roundings, so that every machine gives the same numbers.
    #[inline(always)]
    fn run(self, _: MulAdd) {
        self.rule.update(self.lr, self.step, self.values, self.grad, self.buffers);
    }
}

/// An optimiser that updates each parameter by a rule.
#[derive(Debug)]
pub struct Descent<T: Float, R> {
    groups: Vec<Group<T, R>>,
    /// One for each parameter, in the order of the groups.
    memories: Vec<Memory<T>>,
}

impl<T: Float, R: Rule<T>> Descent<T, R> {
    /// An optimiser of these parameters by a rule.
    ///
    /// # Panics
    /// When the learning rate is negative or not a number, or a parameter is given twice, is a view or not a leaf, or there is
    /// none.
    #[track_caller]
    pub fn with_rule(parameters: impl IntoIterator<Item = impl Borrow<Tensor<T>>>, lr: f64, rule: R) -> Self {
        let group = Group::new(parameters, lr, rule);
        Descent { memories: group.parameters.iter().map(Memory::new).collect(), groups: vec![group] }
    }

    /// Joins another optimiser of the same kind, whose parameters become a group with their own options.
    ///
    /// An option that is set afterwards applies to all groups that are there.
    ///
    /// ```
    /// use downhill_optim::{Optimizer, SGD};
    /// use downhill_tensor::Tensor;
    /// let [w, b] = [1.0, 2.0].map(|x| Tensor::from(x).requires_grad_(true));
    /// let optimizer = SGD::new([&w], 0.1).weight_decay(0.01).add_group(SGD::new([&b], 0.2)).momentum(0.9);
    /// let decay: Vec<_> = optimizer.groups().iter().map(|group| group.get("weight_decay")).collect();
    /// assert_eq!(decay, [Some(0.01), Some(0.0)]);
    /// assert_eq!(optimizer.groups()[1].get("momentum"), Some(0.9));
    /// ```
    ///
    /// # Panics
    /// When a parameter is in both.
    #[track_caller]
    pub fn add_group(mut self, other: Self) -> Self {
        for parameter in other.groups.iter().flat_map(|group| &group.parameters) {
            for group in &self.groups {
                check_new(R::NAME, &group.parameters, parameter);
            }
        }
        self.groups.extend(other.groups);
        self.memories.extend(other.memories);
        self
    }

    /// Evaluates a closure that computes the loss and its gradients, and steps. Returns the loss.
    ///
    /// ```
    /// use downhill_optim::{Optimizer, SGD};
    /// use downhill_tensor::Tensor;
    /// let w = Tensor::from(1.0).requires_grad_(true);
    /// let mut optimizer = SGD::new([&w], 0.25);
    /// let loss = optimizer.step_with(|| {
    ///     w.zero_grad();
    ///     let loss = w.square();
    ///     loss.backward();
    ///     loss
    /// });
    /// assert_eq!((loss.item(), w.item()), (1.0, 0.5));
    /// ```
    #[track_caller]
    pub fn step_with(&mut self, closure: impl FnOnce() -> Tensor<T>) -> Tensor<T> {
        let loss = enable_grad(closure);
        self.step();
        loss
    }

    /// How strongly parameters are pulled to 0: an L2 penalty, or with [`AdamW`](crate::AdamW) a decay of its own. 0 by
    /// default, 0.01 for `AdamW`.
    ///
    /// # Panics
    /// When it is negative or not a number, or a rule of your own has no such option.
    #[track_caller]
    pub fn weight_decay(self, weight_decay: f64) -> Self {
        self.with("weight_decay", weight_decay)
    }

    /// Climbs instead of descending.
    ///
    /// # Panics
    /// When a rule of your own has no such option.
    #[track_caller]
    pub fn maximize(self, maximize: bool) -> Self {
        self.with("maximize", f64::from(u8::from(maximize)))
    }

    /// Sets an option of all groups.
    #[track_caller]
    pub(crate) fn with(mut self, name: &str, value: f64) -> Self {
        for group in self.groups_mut() {
            group.set(name, value);
        }
        self
    }

    /// Each group with the number of its first parameter.
    fn numbered(groups: &mut [Group<T, R>]) -> impl Iterator<Item = (usize, usize, &mut Group<T, R>)> {
        groups.iter_mut().enumerate().scan(0, |next, (index, group)| {
            let first = *next;
            *next += group.parameters.len();
            Some((index, first, group))
        })
    }
}

impl<T: Float, R: Rule<T>> Optimizer for Descent<T, R> {
    #[track_caller]
    fn step(&mut self) {
        for group in &self.groups {
            group.options.check();
        }
        no_grad(|| {
            let mut memories = self.memories.iter_mut();
            for Group { parameters, lr, options } in &self.groups {
                for (parameter, memory) in parameters.iter().zip(&mut memories) {
                    let Some(grad) = parameter.grad_array() else { continue };
                    let grad = grad.as_slice().map_or_else(|| Cow::Owned(grad.to_vec()), Cow::Borrowed);
                    memory.step += 1;
                    parameter.update_(|values| update(options, *lr, memory, values, &grad));
                }
            }
        });
    }

    fn zero_grad(&self) {
        self.groups.iter().flat_map(|group| &group.parameters).for_each(Tensor::zero_grad);
    }

    fn groups(&self) -> Vec<&dyn ParamGroup> {
        self.groups.iter().map(|group| group as &dyn ParamGroup).collect()
    }

    fn groups_mut(&mut self) -> Vec<&mut dyn ParamGroup> {
        self.groups.iter_mut().map(|group| group as &mut dyn ParamGroup).collect()
    }

    #[track_caller]
    fn set_lr(&mut self, lr: f64) {
        let lr = checked_lr(R::NAME, lr);
        self.groups.iter_mut().for_each(|group| group.lr = lr);
    }

    fn state_dict(&self) -> StateDict {
        let mut state = StateDict::new();
        for (index, first, group) in Self::numbered(&mut self.groups.clone()) {
            group.save(index, first, &mut state);
        }
        let parameters = self.groups.iter().flat_map(|group| &group.parameters);
        for (i, (parameter, memory)) in parameters.zip(&self.memories).enumerate().filter(|(_, (_, m))| m.step > 0) {
            state.insert_number::<i64>(format!("state.{i}.step"), memory.step);
            for (index, name) in R::BUFFERS.iter().enumerate() {
                // A buffer that the options do not need is empty.
                if let Ok(values) = Tensor::from_vec(memory.buffer(index), parameter.shape()) {
                    state.insert(format!("state.{i}.{name}"), &values);
                }
            }
        }
        state
    }

    fn load_state_dict(&mut self, state: &StateDict) -> Result<(), LoadError> {
        let mut reader = Reader::new(state);
        let (mut groups, mut memories) = (self.groups.clone(), Vec::new());
        for (index, first, group) in Self::numbered(&mut groups) {
            group.load(index, first, &mut reader)?;
        }
        for (i, parameter) in groups.iter().flat_map(|group| &group.parameters).enumerate() {
            let mut memory = Memory::new(parameter);
            let prefix = format!("state.{i}.");
            if reader.names().any(|name| name.starts_with(&prefix)) {
                memory.step = reader.number::<i64>(&format!("{prefix}step"))?.unwrap_or_default();
            }
            for (index, name) in R::BUFFERS.iter().enumerate() {
                let name = format!("{prefix}{name}");
                if reader.has(&name)
                    && let Some(values) = reader.tensor::<T>(&name, parameter.shape())?
                {
                    memory.set_buffer(index, &values.to_vec());
                }
            }
            memories.push(memory);
        }
        reader.finish()?;
        (self.groups, self.memories) = (groups, memories);
        Ok(())
    }
}

/// The gradient that is followed, from the gradient and the parameter: turned round when climbing, with the pull of
/// the weight decay to 0.
#[inline(always)]
pub(crate) fn followed<T: Float>(maximize: bool, weight_decay: f64) -> impl Fn(T, T) -> T {
    let (sign, decay) = (T::of(if maximize { -1.0 } else { 1.0 }), T::of(weight_decay));
    move |g, p| if decay == T::zero() { sign * g } else { sign * g + decay * p }
}

/// Fills an empty buffer.
#[inline(always)]
pub(crate) fn filled<T: Float>(buffer: &mut Vec<T>, length: usize, value: T) -> &mut [T] {
    if buffer.is_empty() {
        buffer.resize(length, value);
    }
    buffer
}

/// A part of the way from `a` to `b`, as `torch.lerp` rounds it.
#[inline(always)]
pub(crate) fn lerp<T: Float>(a: T, b: T, weight: T) -> T {
    if weight < T::of(0.5) { a + weight * (b - a) } else { b - (b - a) * (T::one() - weight) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Adagrad, Adam, AdamW, RMSprop, SGD};

    /// The bits of the parameter and of all buffers after three updates.
    fn bits<R: Rule<f32>>(optimizer: &Descent<f32, R>, length: usize, update: impl Fn(Update<'_, f32, R>)) -> Vec<u32> {
        let grad = |step: usize| (0..length).map(move |i| ((i * 7 + step * 3) % 13) as f32 / 3.0 - 2.0);
        let mut values: Vec<f32> = (0..length).map(|i| (i % 11) as f32 - 5.0).collect();
        let mut buffers = <[Vec<f32>; 3]>::default();
        for step in 1..=3 {
            let (rule, grad) = (&optimizer.groups[0].options, grad(step).collect::<Vec<_>>());
            let (values, step) = (&mut values, step as i64);
            update(Update { rule, lr: 0.1, step, values, grad: &grad, buffers: &mut buffers });
        }
        values.iter().chain(buffers.iter().flatten()).map(|x| x.to_bits()).collect()
    }

    fn check<R: Rule<f32>>(optimizer: Descent<f32, R>) {
        for length in (0..40).chain([1000]) {
            let plain = bits(&optimizer, length, |update| {
                let Update { rule, lr, step, values, grad, buffers } = update;
                rule.update(lr, step, values, grad, buffers);
            });
            let vectors = bits(&optimizer, length, |update| vectorized(update));
            assert!(plain == vectors, "{:?}, {length} elements", optimizer.groups[0].options);
        }
    }

    #[test]
    fn vectors_give_the_same_bits_as_the_plain_loop() {
        let w = [Tensor::from(0.0).requires_grad_(true)];
        check(SGD::new(&w, 0.1).weight_decay(0.01));
        check(SGD::new(&w, 0.1).momentum(0.9).maximize(true));
        check(SGD::new(&w, 0.1).momentum(0.9).nesterov(true).weight_decay(0.1));
        check(Adam::new(&w, 0.1).weight_decay(0.1));
        check(Adam::new(&w, 0.1).amsgrad(true));
        check(AdamW::new(&w, 0.1).weight_decay(0.1));
        check(RMSprop::new(&w, 0.1));
        check(RMSprop::new(&w, 0.1).momentum(0.9));
        check(RMSprop::new(&w, 0.1).centered(true));
        check(RMSprop::new(&w, 0.1).centered(true).momentum(0.9).weight_decay(0.1));
        check(Adagrad::new(&w, 0.1).weight_decay(0.1));
    }
    #[test]
    fn a_parameter_in_parts_is_updated_and_saved_as_in_one_piece() {
        let length = 2 * PART + 5;
        let w = Tensor::zeros([length]).requires_grad_(true);
        let new = || RMSprop::new([&w], 0.1).centered(true).momentum(0.9);
        let (mut optimizer, mut whole, mut buffers) = (new(), vec![0.0; length], Default::default());
        for step in 1..=4 {
            let grad: Vec<f32> = (0..length).map(|i| ((i * 7 + step * 3) % 13) as f32 / 3.0 - 2.0).collect();
            optimizer.groups[0].options.update(0.1, step as i64, &mut whole, &grad, &mut buffers);
            w.set_grad(Some(Tensor::from_vec(grad, [length]).unwrap()));
            optimizer.step();
            // The next step is that of an optimiser which has read what this one saved.
            let state = std::mem::replace(&mut optimizer, new()).state_dict();
            optimizer.load_state_dict(&state).unwrap();
        }
        assert!(w.to_vec() == whole);
        assert!((0..3).all(|index| optimizer.memories[0].buffer(index) == buffers[index]));
    }
}
