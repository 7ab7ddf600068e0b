//! What waits for its next use, for how long, and what it shows then.

use super::*;

/// Lengths that no other test uses.
const LENGTH: usize = SMALLEST / 8 + 7;

/// Whether there are so many elements, all of this value.
fn holds<T: Element>(elements: &[T], length: usize, value: T) -> bool {
    elements.len() == length && elements.iter().all(|x| *x == value)
}

#[test]
fn a_dead_buffer_is_used_again_for_its_length_only() {
    let mut buffer = dirty::<f64>(LENGTH);
    buffer.fill(7.0);
    drop(buffer);
    assert!(holds(&dirty::<f64>(LENGTH + 1), LENGTH + 1, 0.0));
    let (again, another) = (dirty::<f64>(LENGTH), dirty::<f64>(LENGTH));
    assert!(holds(&again, LENGTH, 7.0) && holds(&another, LENGTH, 0.0));
}

#[test]
fn zeroed_full_and_collect_show_nothing_old() {
    let length = LENGTH + 2;
    dirty::<f64>(length).fill(7.0);
    assert!(holds(&dirty::<f64>(length), length, 7.0));
    assert!(holds(&zeroed::<f64>(length), length, 0.0));
    assert!(holds(&full(length, 2.0f64), length, 2.0));
    let collected = collect(length, (0..length).map(|i| i as f64));
    assert!(collected.len() == length && collected.iter().enumerate().all(|(i, &x)| x == i as f64));
}

#[test]
fn what_is_given_away_and_what_is_small_does_not_wait() {
    let length = LENGTH + 3;
    assert_eq!(Buffer::from(vec![7i64; length]).into_vec(), vec![7; length]);
    assert!(holds(&dirty::<i64>(length), length, 0));
    drop(Buffer::from(vec![7i64; 5]));
    assert!(holds(&dirty::<i64>(5), 5, 0));
}

#[test]
fn only_as_many_wait_as_have_been_asked_for() {
    let length = LENGTH + 4;
    (0..3).for_each(|_| drop(Buffer::from(vec![7i64; length])));
    let asked_for = dirty::<i64>(length);
    assert!(holds(&asked_for, length, 0));
    // One is in use now, so one may come back.
    (0..3).for_each(|_| drop(Buffer::from(vec![7i64; length])));
    let (one, other) = (dirty::<i64>(length), dirty::<i64>(length));
    assert!(holds(&one, length, 7) && holds(&other, length, 0));
}

#[test]
fn a_vector_of_large_pages_is_a_copy() {
    let length = (8 << 20) / 8;
    let mut buffer = dirty::<f64>(length);
    buffer.fill(7.0);
    assert!(holds(&buffer.into_vec(), length, 7.0));
}

#[test]
fn the_oldest_buffers_leave_when_too_much_waits() {
    let pool = Pool::<u8>::new();
    for length in [MOST / 2, MOST / 2 - 1, MOST / 4] {
        assert!(pool.take(length).is_none());
        pool.give(Memory::Vec(vec![1; length]));
    }
    assert!(pool.take(MOST / 2).is_none());
    assert!(pool.take(MOST / 2 - 1).is_some() && pool.take(MOST / 4).is_some());
    assert!(pool.take(MOST + 1).is_none());
    pool.give(Memory::Vec(vec![1; MOST + 1]));
    assert!(pool.take(MOST + 1).is_none());
    assert_eq!(lock(&pool.0).bytes, 0);
}
