//! Small images of digits drawn as if by hand, a data set that needs no download.

use downhill_tensor::{Generator, Tensor, with_generator};
use rand::{Rng, SeedableRng};

use super::canvas::{Canvas, SIDE};
use super::strokes::{Point, VARIANTS};
use super::{EXAMPLES, standard_normal};
use crate::TensorDataset;
use crate::random::{below, stream, uniform};

/// Grey images of the digits 0 to 9, drawn in strokes, in the format of [`Mnist`](crate::Mnist).
///
/// Each image has its own handwriting: one of several ways to write the digit, with points moved slightly, a shift,
/// rotation, slant, height and width, the thickness of the pen along the stroke, the darkness of the ink, and noise.
/// A linear classifier of the pixels recognises most of the digits, a small network nearly all.
///
/// ```
/// use downhill_data::{Dataset, synthetic::Digits};
/// let train = Digits::new(500).seed(1).dataset();
/// let test = Digits::new(100).seed(2).dataset();
/// assert_eq!(train.features().shape(), [500, 1, 28, 28]);
/// assert_eq!(train.targets().slice(0, 0..12).to_vec(), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]);
/// # assert_eq!(test.len(), 100);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Digits {
    examples: usize,
    balanced: bool,
    seed: Option<u64>,
}

/// The number of classes.
const CLASSES: usize = VARIANTS.len();

/// The height of a digit's box in pixels, before scaling.
const HEIGHT: f64 = 19.0;

impl Digits {
    /// A data set of this many images.
    pub fn new(examples: usize) -> Self {
        Digits { examples, balanced: true, seed: None }
    }

    /// Whether the digits come in turn, 0 to 9 repeatedly, each equally often (the default), or each is drawn at
    /// random.
    pub fn balanced(self, balanced: bool) -> Self {
        Digits { balanced, ..self }
    }

    /// The seed of the images. Without it, one is drawn from the default generator for each data set.
    ///
    /// An image depends only on the seed and its position, so a larger data set begins with the same images.
    pub fn seed(self, seed: u64) -> Self {
        Digits { seed: Some(seed), ..self }
    }

    /// Draws the images, `f32` of shape `[examples, 1, 28, 28]` between 0 (background) and 1 (ink) in steps of 1/255,
    /// and the labels, `i64` of shape `[examples]`.
    pub fn dataset(&self) -> TensorDataset<f32, i64> {
        let seed = self.seed.unwrap_or_else(|| with_generator(|generator| generator.next_u64()));
        let first = stream(seed, EXAMPLES).next_u64();
        let mut images = Vec::with_capacity(self.examples * SIDE * SIDE);
        let mut labels = Vec::with_capacity(self.examples);
        for index in 0..self.examples {
            let generator = &mut Generator::seed_from_u64(first.wrapping_add(index as u64));
            let digit = if self.balanced { index % CLASSES } else { below(CLASSES, generator) };
            labels.push(digit as i64);
            images.extend(draw(digit, generator));
        }
        let images =
            Tensor::from_vec(images, [self.examples, 1, SIDE, SIDE]).expect("28 by 28 numbers for each image");
        let labels = Tensor::from_vec(labels, [self.examples]).expect("one label for each image");
        TensorDataset::new(images, labels).expect("one label for each image")
    }
}

/// The pixels of one image.
fn draw(digit: usize, generator: &mut Generator) -> impl Iterator<Item = f32> {
    let ways = VARIANTS[digit];
    let way = ways[below(ways.len(), generator)];
    let hand = Handwriting::new(generator);
    let mut canvas = Canvas::new();
    for stroke in way {
        let wobbled = stroke.points().iter().map(|point| point.map(|x| x + hand.wobble * standard_normal(generator)));
        let corners = stroke.corners(&wobbled.collect::<Vec<_>>());
        // The pen presses harder at one end than at the other.
        let radius = [0, 1].map(|_| hand.radius * uniform(0.75, 1.25, generator));
        let segments = (corners.len() - 1) as f64;
        let radius_at = |corner: usize| radius[0] + corner as f64 / segments * (radius[1] - radius[0]);
        for (i, pair) in corners.windows(2).enumerate() {
            canvas.line(hand.to_pixels(pair[0]), hand.to_pixels(pair[1]), [radius_at(i), radius_at(i + 1)]);
        }
    }
    // As in MNIST, a pixel is one of 256 shades of grey. This also hides platform differences in the rounding of
    // sines.
    canvas
        .ink
        .map(|ink| {
            let noisy = hand.darkness * ink + hand.noise * standard_normal(generator);
            (noisy.clamp(0.0, 1.0) * 255.0).round() as f32 / 255.0
        })
        .into_iter()
}

/// The parameters shared by all strokes of an image.
struct Handwriting {
    /// The columns of the matrix that maps a point in the box, relative to its centre, to pixels.
    axes: [Point; 2],
    /// The centre of the digit in pixels.
    middle: Point,
    /// The standard deviation of each point's displacement, in units of the box height.
    wobble: f64,
    /// The radius of the pen in pixels.
    radius: f64,
    /// The ink of a covered pixel.
    darkness: f64,
    /// The standard deviation of the noise of each pixel.
    noise: f64,
}

impl Handwriting {
    fn new(generator: &mut Generator) -> Self {
        let (sin, cos) = (0.16 * standard_normal(generator)).clamp(-0.4, 0.4).sin_cos();
        // Most people slant to the right.
        let slant = 0.15 + 0.2 * standard_normal(generator);
        let [width, height] =
            [uniform(0.65, 1.1, generator), uniform(0.8, 1.1, generator)].map(|scale| scale * HEIGHT);
        Handwriting {
            axes: [[width * cos, width * sin], [-height * (sin + slant * cos), height * (cos - slant * sin)]],
            middle: [0, 1].map(|_| SIDE as f64 / 2.0 + uniform(-2.0, 2.0, generator)),
            wobble: uniform(0.01, 0.045, generator),
            radius: uniform(0.6, 1.7, generator),
            darkness: uniform(0.75, 1.0, generator),
            noise: uniform(0.0, 0.1, generator),
        }
    }

    /// Maps a point in the box to pixel coordinates.
    fn to_pixels(&self, [x, y]: Point) -> Point {
        [0, 1].map(|i| self.middle[i] + (x - 0.5) * self.axes[0][i] + (y - 0.5) * self.axes[1][i])
    }
}
