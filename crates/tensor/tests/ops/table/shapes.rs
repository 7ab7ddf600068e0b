//! Rows for operations that move elements, and for losses and normalisation.

use downhill_tensor::prelude::*;

use super::Row;

#[allow(clippy::reversed_empty_ranges)] // Empty slices are intended.
pub const ROWS: &[Row] = rows! {
    // Operations that change shapes or move elements.
    cat: |x| Tensor::cat(&[x], 0);
    cat: |a, b| Tensor::cat(&[a, b], -1);
    cat: |a, b, c| Tensor::cat(&[a, b, c], 0);
    cat: |a, b| Tensor::cat(&[a, b, a], 1);
    cat: |x| Tensor::stack(&[x], 0);
    cat: |a, b| Tensor::stack(&[a, b], 0);
    cat: |a, b| Tensor::stack(&[a, b], -1);
    cat: |a, b, c| Tensor::stack(&[a, b, c], 1);
    cat: |x| x.pad([1, 2], 1.5);
    cat: |x| x.pad([1, -1, -1, 2], 0.0);
    cat: |x| x.pad([-2, -2], 0.0);
    cat: |x| x.pad([], 0.0);
    copy: |x| x.copy();
    embedding: |x| x.embedding(&Tensor::from([[0, 2, 2], [1, 0, 0]]), None);
    embedding: |x| x.embedding(&Tensor::from([[0, 2, 2], [1, 0, 0]]), 2);
    embedding: |x| x.embedding(&Tensor::from([[0, 2, 2], [1, 0, 0]]), -3);
    embedding: |x| x.embedding(&Tensor::from(1), 1);
    expand: |x| x.expand([2, 3, 4]);
    expand: |x| x.expand([2, -1, 3]);
    expand: |x| x.expand([2, 0]);
    gather: |x| x.gather(1, &Tensor::from([[0, 2, 2, 1], [1, 1, 1, 0]]));
    gather: |x| x.gather(-2, &Tensor::from([[1, 0], [1, 1], [0, 0]]));
    flip: |x| x.flip(0);
    flip: |x| x.flip([0, -1]);
    flip: |x| x.flip([]);
    gather: |x| x.gather(0, &Tensor::from(0));
    gather: |x| x.gather(-1, &Tensor::from([0, 0]));
    gather: |x| x.gather(0, &Tensor::from([4, 0, 4]));
    index_select: |x| x.index_select(0, &Tensor::from([2, 0, 2, 2]));
    index_select: |x| x.index_select(0, &Tensor::from([0]));
    index_select: |x| x.index_select(0, &Tensor::from(0));
    index_select: |x| x.index_select(-1, &Tensor::from([1, 1, 0]));
    index_select: |x| x.index_select(1, &Tensor::zeros([0]).cast());
    index_select: |x| x.rows(&Tensor::from([[0, 2, 2], [1, 0, 0]]));
    index_select: |x| x.rows(&Tensor::from(1));
    permute: |x| x.permute([2, 0, 1]);
    permute: |x| x.permute([-1, 1, 0]);
    permute: |x| x.permute([]);
    permute: |x| x.transpose(0, -1);
    permute: |x| x.transpose(-1, 0);
    permute: |x| x.t();
    reshape: |x| x.reshape([-1]);
    reshape: |x| x.reshape([4, -1, 2]);
    reshape: |x| x.reshape([]);
    reshape: |x| x.reshape([3, 0]);
    reshape: |x| x.flatten();
    reshape: |x| x.flatten_dims(0, 1);
    reshape: |x| x.flatten_dims(-2, -1);
    reshape: |x| x.flatten_dims(0, -1);
    reshape: |x| x.squeeze();
    reshape: |x| x.squeeze_dim(0);
    reshape: |x| x.squeeze_dim([]);
    reshape: |x| x.squeeze_dim([0, -1]);
    reshape: |x| x.unsqueeze(0);
    reshape: |x| x.unsqueeze(1);
    reshape: |x| x.unsqueeze(-1);
    reshape: |x| x.unsqueeze(-2);
    reshape: |x| x.unsqueeze(0).unsqueeze(-1);
    slice: |x| x.slice(0, 1..3);
    slice: |x| x.slice(0, 1..=3);
    slice: |x| x.slice(0, 1..);
    slice: |x| x.slice(0, ..);
    slice: |x| x.slice(0, ..2);
    slice: |x| x.slice(0, ..=-1);
    slice: |x| x.slice(0, ..=-2);
    slice: |x| x.slice(0, ..-1);
    slice: |x| x.slice(0, -3..-1);
    slice: |x| x.slice(0, -2..);
    slice: |x| x.slice(0, 3..1);
    slice: |x| x.slice(0, -9..2);
    slice: |x| x.slice(0, 2..99);
    slice: |x| x.slice(0, 7..9);
    slice: |x| x.slice(0, -9..=-7);
    slice: |x| x.slice(0, ..=isize::MAX);
    slice: |x| x.slice(0, isize::MIN..);
    slice: |x| x.slice(1, 1..);
    slice: |x| x.slice(-1, ..=1);
    slice: |x| x.slice(0, 1..).slice(1, ..2);
    slice: |x| x.narrow(0, 1, 3);
    slice: |x| x.narrow(0, -2, 2);
    slice: |x| x.narrow(0, 5, 0);
    slice: |x| x.narrow(-1, 0, 2);
    slice: |x| x.select(0, -1);
    slice: |x| x.select(-1, 1);
    slice: |x| x.slice_step(0, .., 2);
    slice: |x| x.slice_step(-1, 1.., 2);
    slice: |x| x.slice_step(0, -4..=-2, 3);
    slice: |x| x.slice_step(0, 2..1, 7);
    slice: |x| x.slice_step(0, .., 2).slice_step(0, .., 2);
    slice: |x| Tensor::cat(&[&x.split(2, 0)[2], &x.split(2, 0)[0]], 0);
    slice: |x| Tensor::cat(&[&x.split_with_sizes(&[1, 0, 2], -1)[2], &x.split_with_sizes(&[1, 0, 2], -1)[0]], -1);
    slice: |x| x.chunk(2, 1)[1].copy();

    // Fused distributions and losses.
    cross_entropy: |x| x.cross_entropy(&Tensor::from([2, 0, 1]));
    cross_entropy: |x| x.cross_entropy(&Tensor::from([0]));
    cross_entropy: |x| x.cross_entropy(&Tensor::from([1, 1, 2, 1, 2]));
    cross_entropy: |x| x.cross_entropy(&Tensor::zeros([0]).cast());
    log_sigmoid: |x| x.log_sigmoid();
    log_softmax: |x| x.log_softmax(0);
    log_softmax: |x| x.log_softmax(-1);
    log_softmax: |x| x.log_softmax(1);
    mse_loss: |x, y| x.mse_loss(y);
    softmax: |x| x.softmax(0);
    softmax: |x| x.softmax(-1);
    softmax: |x| x.softmax(1);

    // Normalisation and dropout.
    batch_norm: |x| x.batch_norm(None, None, None, true, 0.1, 0.1);
    batch_norm: |x, w| x.batch_norm(None, Some(w), None, true, 0.1, 1e-5);
    batch_norm: |x, w, b| x.batch_norm(None, Some(w), Some(b), true, 0.1, 1e-5);
    batch_norm: |x, w, b| x.batch_norm(
        Some((&Tensor::new([0.5, -1.0]), &Tensor::new([4.0, 0.25]))), Some(w), Some(b), false, 0.1, 1e-5
    );
    dropout: |x| x.dropout(0.0);
    dropout: |x| x.dropout(1.0);
    layer_norm: |x| x.layer_norm(3, None, None, 1e-5);
    layer_norm: |x, w| x.layer_norm(3, Some(w), None, 0.1);
    layer_norm: |x, b| x.layer_norm(3, None, Some(b), 0.1);
    layer_norm: |x, w, b| x.layer_norm([2, 3], Some(w), Some(b), 1e-5);
};
