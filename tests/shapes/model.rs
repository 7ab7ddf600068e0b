//! The rules of shapes: what an operation gives, or `None` when it must be refused. In numbers that cannot overflow.

use crate::arguments::{Arguments, MOST_ELEMENTS};

/// The shapes of the results.
pub type Shapes = Option<Vec<Vec<usize>>>;

/// The number of elements.
pub fn elements(shape: &[usize]) -> u128 {
    if shape.contains(&0) {
        0
    } else {
        shape.iter().fold(1, |product: u128, &size| product.saturating_mul(size as u128))
    }
}

fn one(shape: Vec<usize>) -> Shapes {
    Some(vec![shape])
}

/// The place of a dimension among `rank`.
fn place(dim: isize, rank: usize) -> Option<usize> {
    let place = if dim < 0 { dim as i128 + rank as i128 } else { dim as i128 };
    usize::try_from(place).ok().filter(|&place| place < rank)
}

/// The place of a dimension; a tensor without any has one to speak of, as in PyTorch.
fn place_or_scalar(dim: isize, rank: usize) -> Option<usize> {
    place(dim, rank.max(1))
}

/// The places of dimensions that are named once each.
fn places(dims: &[isize], rank: usize) -> Option<Vec<usize>> {
    let places = dims.iter().map(|&dim| place_or_scalar(dim, rank)).collect::<Option<Vec<_>>>()?;
    let twice = (1..places.len()).any(|i| places[..i].contains(&places[i]));
    (!twice).then_some(places)
}

pub fn broadcast(x: &[usize], y: &[usize]) -> Option<Vec<usize>> {
    let rank = x.len().max(y.len());
    let padded = |shape: &[usize]| [vec![1; rank - shape.len()], shape.to_vec()].concat();
    let pairs = padded(x).into_iter().zip(padded(y));
    pairs
        .map(|pair| match pair {
            (a, b) if a == b => Some(a),
            (1, b) => Some(b),
            (a, 1) => Some(a),
            _ => None,
        })
        .collect()
}

pub fn add(a: &Arguments) -> Shapes {
    one(broadcast(&a.x, &a.y)?)
}

pub fn expand(a: &Arguments) -> Shapes {
    if a.dims.len() < a.x.len() {
        return None;
    }
    let front = a.dims.len() - a.x.len();
    let sizes = a.dims.iter().enumerate().map(|(i, &size)| match (i.checked_sub(front).map(|i| a.x[i]), size) {
        (Some(own), -1) => Some(own),
        (_, ..0) => None,
        (Some(own), size) if own == size as usize || own == 1 => Some(size as usize),
        (Some(_), _) => None,
        (None, size) => Some(size as usize),
    });
    one(sizes.collect::<Option<_>>()?)
}

pub fn reshape(a: &Arguments) -> Shapes {
    if a.dims.iter().filter(|&&size| size == -1).count() > 1 || a.dims.iter().any(|&size| size < -1) {
        return None;
    }
    let total = elements(&a.x);
    let known: Vec<usize> = a.dims.iter().filter(|&&size| size != -1).map(|&size| size as usize).collect();
    let product = elements(&known);
    let free = match a.dims.contains(&-1) {
        true if product == 0 || !total.is_multiple_of(product) => return None,
        true => usize::try_from(total / product).ok()?,
        false if product != total => return None,
        false => 0,
    };
    one(a.dims.iter().map(|&size| if size == -1 { free } else { size as usize }).collect())
}

pub fn permute(a: &Arguments) -> Shapes {
    let rank = a.x.len();
    let dims: Vec<usize> = a.dims.iter().map(|&dim| place(dim, rank)).collect::<Option<_>>()?;
    let mut sorted = dims.clone();
    sorted.sort();
    (sorted == (0..rank).collect::<Vec<_>>()).then(|| vec![dims.iter().map(|&dim| a.x[dim]).collect()])
}

pub fn transpose(a: &Arguments) -> Shapes {
    let (first, second) = (place_or_scalar(a.dim, a.x.len())?, place_or_scalar(a.other, a.x.len())?);
    let mut shape = a.x.clone();
    if !shape.is_empty() {
        shape.swap(first, second);
    }
    one(shape)
}

pub fn flatten(a: &Arguments) -> Shapes {
    let (start, end) = (place_or_scalar(a.dim, a.x.len())?, place_or_scalar(a.other, a.x.len())?);
    if start > end {
        return None;
    }
    if a.x.is_empty() {
        return one(vec![1]);
    }
    let joined = usize::try_from(elements(&a.x[start..=end])).ok()?;
    one([&a.x[..start], &[joined], &a.x[end + 1..]].concat())
}

pub fn squeeze(a: &Arguments) -> Shapes {
    let dims = places(&a.dims, a.x.len())?;
    let kept = a.x.iter().enumerate().filter(|(i, size)| **size != 1 || !dims.contains(i));
    one(kept.map(|(_, &size)| size).collect())
}

pub fn unsqueeze(a: &Arguments) -> Shapes {
    let place = place(a.dim, a.x.len() + 1)?;
    let mut shape = a.x.clone();
    shape.insert(place, 1);
    one(shape)
}

pub fn same_along(a: &Arguments) -> Shapes {
    place_or_scalar(a.dim, a.x.len())?;
    one(a.x.clone())
}

pub fn flip(a: &Arguments) -> Shapes {
    places(&a.dims, a.x.len())?;
    one(a.x.clone())
}

pub fn sum(a: &Arguments) -> Shapes {
    let dims = if a.dims.is_empty() { (0..a.x.len()).collect() } else { places(&a.dims, a.x.len())? };
    let size = |(i, &size): (usize, &usize)| match (dims.contains(&i), a.flag) {
        (true, true) => Some(1),
        (true, false) => None,
        (false, _) => Some(size),
    };
    one(a.x.iter().enumerate().filter_map(size).collect())
}

/// Along one dimension, which goes away.
pub fn extreme(a: &Arguments) -> Shapes {
    let dim = place_or_scalar(a.dim, a.x.len())?;
    if a.x.get(dim) == Some(&0) {
        return None;
    }
    let mut shape = a.x.clone();
    if !shape.is_empty() {
        shape.remove(dim);
    }
    one(shape)
}

pub fn narrow(a: &Arguments) -> Shapes {
    let dim = place(a.dim, a.x.len())?;
    let size = a.x[dim] as i128;
    let start = if a.other < 0 { a.other as i128 + size } else { a.other as i128 };
    let fits = (0..=size).contains(&start) && start + a.size as i128 <= size;
    fits.then(|| vec![with(&a.x, dim, a.size)])
}

fn with(shape: &[usize], dim: usize, size: usize) -> Vec<usize> {
    let mut shape = shape.to_vec();
    shape[dim] = size;
    shape
}

/// From `other` to the last element in steps.
pub fn slice(a: &Arguments) -> Shapes {
    let dim = place(a.dim, a.x.len())?;
    let size = a.x[dim] as i128;
    let start = (if a.other < 0 { a.other as i128 + size } else { a.other as i128 }).clamp(0, size);
    let step = Some(a.step).filter(|&step| step > 0)?;
    one(with(&a.x, dim, ((size - start) as u128).div_ceil(step as u128) as usize))
}

pub fn select(a: &Arguments) -> Shapes {
    let dim = place(a.dim, a.x.len())?;
    let size = a.x[dim] as i128;
    let index = if a.other < 0 { a.other as i128 + size } else { a.other as i128 };
    let mut shape = a.x.clone();
    shape.remove(dim);
    (0..size).contains(&index).then(|| vec![shape])
}

pub fn pad(a: &Arguments) -> Shapes {
    if !a.dims.len().is_multiple_of(2) || a.dims.len() > 2 * a.x.len() {
        return None;
    }
    let mut shape = a.x.clone();
    for (i, both) in a.dims.chunks(2).enumerate() {
        let dim = a.x.len() - 1 - i;
        let size = a.x[dim] as i128 + both[0] as i128 + both[1] as i128;
        // What is cut off on both sides must be there.
        let cut: i128 = both.iter().map(|&side| -(side as i128).min(0)).sum();
        if cut > a.x[dim] as i128 {
            return None;
        }
        shape[dim] = usize::try_from(size).ok()?;
    }
    one(shape)
}

/// As in PyTorch a tensor of shape `[0]` is left out.
pub fn cat(a: &Arguments) -> Shapes {
    let rank = a.x.len();
    if a.x == [0] || a.y == [0] {
        let other = if a.x == [0] { &a.y } else { &a.x };
        return place(a.dim, other.len()).map(|_| vec![other.clone()]);
    }
    let dim = place(a.dim, rank)?;
    if a.y.len() != rank || (0..rank).any(|i| i != dim && a.x[i] != a.y[i]) {
        return None;
    }
    one(with(&a.x, dim, a.x[dim].checked_add(a.y[dim])?))
}

pub fn stack(a: &Arguments) -> Shapes {
    let dim = place(a.dim, a.x.len() + 1)?;
    let mut shape = a.x.clone();
    shape.insert(dim, 2);
    (a.x == a.y).then(|| vec![shape])
}

pub fn split(a: &Arguments) -> Shapes {
    let dim = place(a.dim, a.x.len())?;
    let size = a.x[dim];
    if size == 0 {
        return one(a.x.clone());
    }
    let piece = Some(piece(a)).filter(|&piece| piece > 0)?;
    Some((0..size).step_by(piece).map(|start| with(&a.x, dim, piece.min(size - start))).collect())
}

/// The size of a piece, so that there are not too many of them to be written down.
pub fn piece(a: &Arguments) -> usize {
    let largest = a.x.iter().max().copied().unwrap_or(0);
    a.size.max(largest / 100)
}

pub fn matmul(a: &Arguments) -> Shapes {
    let (x, y) = (&a.x, &a.y);
    if x.is_empty() || y.is_empty() {
        return None;
    }
    let rows = if x.len() == 1 { [vec![1], x.clone()].concat() } else { x.clone() };
    let columns = if y.len() == 1 { [y.clone(), vec![1]].concat() } else { y.clone() };
    let (m, k) = (rows[rows.len() - 2], rows[rows.len() - 1]);
    let (inner, n) = (columns[columns.len() - 2], columns[columns.len() - 1]);
    if k != inner {
        return None;
    }
    let mut shape = broadcast(&rows[..rows.len() - 2], &columns[..columns.len() - 2])?;
    shape.extend((x.len() > 1).then_some(m));
    shape.extend((y.len() > 1).then_some(n));
    one(shape)
}

/// How many windows of a dimension there are.
fn windows(size: usize, [kernel, stride, padding, dilation]: [usize; 4]) -> Option<usize> {
    if kernel == 0 || stride == 0 || dilation == 0 {
        return None;
    }
    let extent = dilation as i128 * (kernel as i128 - 1) + 1;
    let room = size as i128 + 2 * padding as i128 - extent;
    (room >= 0).then(|| usize::try_from(room / stride as i128 + 1).ok())?
}

fn one_side(window: [[usize; 2]; 4], side: usize) -> [usize; 4] {
    window.map(|pair| pair[side])
}

/// A window that is `y` for a convolution, and the images that are `x`: `[n, c, h, w]` or `[c, h, w]`.
pub fn conv2d(a: &Arguments) -> Shapes {
    let (&[out, channels, rows, columns], [.., input, h, w]) = (&a.y[..], &a.x[..]) else { return None };
    // An image has at least one pixel.
    if ![3, 4].contains(&a.x.len()) || *input != channels || *h == 0 || *w == 0 {
        return None;
    }
    let window = [[rows, columns], a.window[1], a.window[2], a.window[3]];
    let (h, w) = (windows(*h, one_side(window, 0))?, windows(*w, one_side(window, 1))?);
    one([&a.x[..a.x.len() - 3], &[out, h, w]].concat())
}

/// The largest under windows that are at most half padding.
pub fn max_pool2d(a: &Arguments) -> Shapes {
    let [.., h, w] = a.x[..] else { return None };
    let [kernel, stride, padding, _] = a.window;
    let half = (0..2).all(|side| padding[side] <= kernel[side] / 2);
    // An image without a pixel has no largest one; a set without images gives none.
    if ![3, 4].contains(&a.x.len()) || a.x[a.x.len() - 3..].contains(&0) || !half {
        return None;
    }
    let window = [kernel, stride, padding, [1, 1]];
    let (h, w) = (windows(h, one_side(window, 0))?, windows(w, one_side(window, 1))?);
    one([&a.x[..a.x.len() - 2], &[h, w]].concat())
}

/// Over the last dimensions, which have these sizes.
pub fn layer_norm(a: &Arguments) -> Shapes {
    (!a.y.is_empty() && a.x.ends_with(&a.y)).then(|| vec![a.x.clone()])
}

/// As many positions as the kernel has rows, all of them 0.
pub fn index_select(a: &Arguments) -> Shapes {
    let dim = place_or_scalar(a.dim, a.x.len())?;
    let count = positions(a);
    if count > 0 && a.x.get(dim) == Some(&0) {
        return None;
    }
    match a.x.is_empty() {
        true if count != 1 => None,
        true => one(Vec::new()),
        false => one(with(&a.x, dim, count)),
    }
}

/// How many positions are selected.
pub fn positions(a: &Arguments) -> usize {
    a.window[0][0].min(MOST_ELEMENTS as usize)
}
