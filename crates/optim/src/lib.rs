//! Optimisers, learning-rate schedulers and gradient clipping, as in `torch.optim`.
//!
//! ```
//! use downhill_optim::{Optimizer, ParamGroups, SGD};
//! use downhill_tensor::Tensor;
//!
//! let x = Tensor::from(10.0).requires_grad_(true);
//! let mut optimizer = SGD::new([&x], 0.2);
//! for _ in 0..10 {
//!     optimizer.zero_grad();
//!     x.square().backward();
//!     optimizer.step();
//! }
//! assert!((x.item() - 0.0604661760).abs() < 1e-6);
//! ```

mod adagrad;
mod adam;
mod clip;
mod descent;
mod early_stopping;
mod flat_params;
mod group;
mod lbfgs;
mod line_search;
mod newton;
mod optimizer;
mod per_group_value;
mod plateau;
mod progress;
mod rmsprop;
mod scheduler;
mod schedules;
mod second_order;
mod setting;
mod sgd;
mod state_reader;
mod update_rule;

pub use adagrad::{Adagrad, AdagradRule};
pub use adam::{Adam, AdamRule, AdamW};
pub use clip::{clip_grad_norm_, clip_grad_p_norm_, clip_grad_value_};
pub use descent::Descent;
pub use early_stopping::EarlyStopping;
pub use group::Options;
pub use lbfgs::{LBFGS, LBFGSOptions};
pub use newton::{Newton, NewtonError, NewtonOptions};
pub use optimizer::{Optimizer, ParamGroup, ParamGroups};
pub use per_group_value::PerGroupValue;
pub use plateau::ReduceLROnPlateau;
pub use progress::{MetricMode, ThresholdMode};
pub use rmsprop::{RMSprop, RMSpropRule};
pub use scheduler::{Schedule, ScheduleStep, Scheduler};
pub use schedules::cosine_annealing::CosineAnnealingLR;
pub use schedules::exponential::ExponentialLR;
pub use schedules::lambda::LambdaLR;
pub use schedules::linear::LinearLR;
pub use schedules::multi_step::MultiStepLR;
pub use schedules::one_cycle::{Anneal, OneCycleLR};
pub use schedules::step::StepLR;
pub use second_order::SecondOrder;
pub use setting::{OptionValue, Setting};
pub use sgd::{SGD, SGDRule};
pub use update_rule::UpdateRule;
