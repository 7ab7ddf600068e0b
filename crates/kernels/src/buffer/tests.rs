//! Which buffers are reused, for how long they are kept, and what they contain.

use super::*;

/// Lengths that no other test uses.
const LENGTH: usize = POOL_MIN_BYTES / 8 + 7;

/// Whether there are `length` elements, all of this value.
fn holds<T: KernelElement>(elements: &[T], length: usize, value: T) -> bool {
    elements.len() == length && elements.iter().all(|x| *x == value)
}

#[test]
fn a_dropped_buffer_is_reused_for_its_length_only() {
    let mut buffer = dirty::<f64>(LENGTH);
    buffer.fill(7.0);
    drop(buffer);
    assert!(holds(&dirty::<f64>(LENGTH + 1), LENGTH + 1, 0.0));
    let (again, another) = (dirty::<f64>(LENGTH), dirty::<f64>(LENGTH));
    assert!(holds(&again, LENGTH, 7.0) && holds(&another, LENGTH, 0.0));
}

#[test]
fn zeroed_and_collect_contain_nothing_old() {
    let length = LENGTH + 2;
    dirty::<f64>(length).fill(7.0);
    assert!(holds(&dirty::<f64>(length), length, 7.0));
    assert!(holds(&zeroed::<f64>(length), length, 0.0));
    let collected = collect(length, (0..length).map(|i| i as f64));
    assert!(collected.len() == length && collected.iter().enumerate().all(|(i, &x)| x == i as f64));
}

#[test]
fn a_vector_goes_into_a_buffer_and_back() {
    let length = LENGTH + 3;
    for length in [0, 5, length] {
        let numbers: Vec<i64> = (0..length as i64).collect();
        assert_eq!(of_vec(numbers.clone()).into_vec(), numbers);
    }
    // The memory of the buffer went to the free list.
    assert_eq!(dirty::<i64>(length)[1..4], [1, 2, 3]);
    drop(of_vec(vec![7i64; 5]));
    assert!(holds(&dirty::<i64>(5), 5, 0));
}

#[test]
fn large_buffers_begin_at_a_cache_line() {
    let buffers = [
        dirty::<f32>(POOL_MIN_BYTES / 4),
        of_vec(vec![1.0; POOL_MIN_BYTES]),
        dirty(POOL_MIN_BYTES + 3),
        zeroed(POOL_MIN_BYTES),
    ];
    assert!(buffers.iter().all(|buffer| (buffer.as_ptr() as usize).is_multiple_of(64)));
}

#[test]
fn the_oldest_buffers_are_evicted_from_a_full_free_list() {
    let new = |length| Aligned::<bool>::zeroed(length).expect("there is memory");
    let pool = Pool::<bool>::new();
    for length in [POOL_MAX_BYTES / 2, POOL_MAX_BYTES / 2 - 1, POOL_MAX_BYTES / 4] {
        assert!(pool.take(length).is_none());
        pool.give(new(length));
    }
    assert!(pool.take(POOL_MAX_BYTES / 2).is_none());
    assert!(pool.take(POOL_MAX_BYTES / 2 - 1).is_some() && pool.take(POOL_MAX_BYTES / 4).is_some());
    assert!(pool.take(POOL_MAX_BYTES + 1).is_none());
    pool.give(new(POOL_MAX_BYTES / 4));
    pool.give(new(POOL_MAX_BYTES + 1));
    assert!(pool.take(POOL_MAX_BYTES + 1).is_none() && pool.take(POOL_MAX_BYTES / 4).is_some());
    assert_eq!(lock(&pool.0).bytes, 0);
}
