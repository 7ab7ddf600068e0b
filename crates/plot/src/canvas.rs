//! Draws lines with braille characters: two by four dots in each character cell.

use crate::axis::Axis;
use crate::plot::Plot;
use crate::series::Point;
use crate::stroke::strokes;

/// The bits of the dots of a braille character, in row-major order (Unicode block U+2800).
const DOTS: [[u32; 2]; 4] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]];

/// One character cell: its dots or its mark, and the series last drawn there.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Cell {
    pub(crate) dots: u32,
    pub(crate) mark: Option<char>,
    pub(crate) series: Option<usize>,
}

/// Cells on which series are drawn.
pub(crate) struct Canvas {
    width: usize,
    height: usize,
    cells: Vec<Cell>,
}

impl Canvas {
    /// Empty cells.
    pub(crate) fn new(width: usize, height: usize) -> Canvas {
        Canvas { width, height, cells: vec![Cell::default(); width * height] }
    }

    /// The cells of a row, counted from the top.
    pub(crate) fn row(&self, row: usize) -> &[Cell] {
        &self.cells[row * self.width..(row + 1) * self.width]
    }

    /// Draws all series, then the crosses, then a letter near the end of each line where there is no cross.
    pub(crate) fn draw(&mut self, plot: &Plot, axes: &(Axis, Axis)) {
        let mut trails = vec![Vec::new(); plot.series.len()];
        let mut crosses = Vec::new();
        for (index, series) in plot.series.iter().enumerate() {
            let points = series.placed(axes);
            for stroke in strokes(&points) {
                self.stroke(&stroke, index, &mut trails[index]);
            }
            crosses.extend(plot.cross(series, &points).map(|cross| (index, cross)));
        }
        for (index, cross) in crosses {
            let (column, row) = self.dot(cross);
            self.mark(row / 4 * self.width + column / 2, '×', index);
        }
        if plot.series.len() < 2 {
            return;
        }
        for (index, trail) in trails.iter().enumerate() {
            let free = |&&cell: &&usize| self.cells[cell].mark.is_none();
            if let Some(&cell) = trail.iter().rev().find(free) {
                self.mark(cell, letter(index), index);
            }
        }
    }

    /// Draws a line and appends the cells that it crosses to the trail.
    fn stroke(&mut self, stroke: &[Point], series: usize, trail: &mut Vec<usize>) {
        let dots: Vec<(usize, usize)> = stroke.iter().map(|&point| self.dot(point)).collect();
        for (index, &to) in dots.iter().enumerate() {
            let from = dots[index.saturating_sub(1)];
            let steps = from.0.abs_diff(to.0).max(from.1.abs_diff(to.1)).max(1);
            let between = |a: usize, b: usize, step: usize| {
                let share = step as f64 / steps as f64;
                (a as f64 * (1.0 - share) + b as f64 * share).round() as usize
            };
            for step in 0..=steps {
                let (column, row) = (between(from.0, to.0, step), between(from.1, to.1, step));
                let index = row / 4 * self.width + column / 2;
                let cell = &mut self.cells[index];
                cell.dots |= DOTS[row % 4][column % 2];
                cell.series = Some(series);
                if trail.last() != Some(&index) {
                    trail.push(index);
                }
            }
        }
    }

    fn mark(&mut self, index: usize, mark: char, series: usize) {
        self.cells[index] = Cell { dots: 0, mark: Some(mark), series: Some(series) };
    }

    /// The column and row of the dot of a point in the frame.
    fn dot(&self, (x, y): Point) -> (usize, usize) {
        let place = |unit: f64, count: usize| (unit.clamp(0.0, 1.0) * (count - 1) as f64).round() as usize;
        (place(x, 2 * self.width), place(1.0 - y, 4 * self.height))
    }
}

/// The letter that marks a series.
pub(crate) fn letter(index: usize) -> char {
    char::from(b'a' + (index % 26) as u8)
}
