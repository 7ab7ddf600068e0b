//! LeNet: two convolutions and three linear layers, for images of 28 by 28.

use downhill::prelude::*;

#[derive(Clone, Module)]
pub struct LeNet {
    conv1: nn::Conv2d,
    conv2: nn::Conv2d,
    fc1: nn::Linear,
    fc2: nn::Linear,
    fc3: nn::Linear,
    pool: nn::MaxPool2d,
}

impl LeNet {
    pub fn new() -> Self {
        LeNet {
            conv1: nn::Conv2d::new(1, 6, 5).padding(2),
            conv2: nn::Conv2d::new(6, 16, 5),
            fc1: nn::Linear::new(400, 120),
            fc2: nn::Linear::new(120, 84),
            fc3: nn::Linear::new(84, 10),
            pool: nn::MaxPool2d::new(2),
        }
    }

    /// Images `[n, 1, 28, 28]` to the logits of ten classes `[n, 10]`.
    pub fn forward(&self, images: &Tensor) -> Tensor {
        let x = self.pool.forward(&self.conv1.forward(images).relu()); // [n, 6, 14, 14]
        let x = self.pool.forward(&self.conv2.forward(&x).relu()); // [n, 16, 5, 5]
        let x = self.fc1.forward(&x.flatten_dims(1, -1)).relu();
        let x = self.fc2.forward(&x).relu();
        self.fc3.forward(&x)
    }
}
