//! Random numbers: the stream of the generator, what is drawn from it, and the independence of threads.

use std::thread;

use downhill_tensor::{Create, CreateFloat, Generator, Tensor, manual_seed, with_generator};
use rand::rngs::Xoshiro256PlusPlus;
use rand::seq::SliceRandom;
use rand::{Rng, RngExt, SeedableRng};
use rand_distr::{Bernoulli, Exp, StandardNormal, StandardUniform, Uniform};

/// The first numbers of xoshiro256++ whose state SplitMix64 fills from the seed 42, from a second implementation of
/// both reference programs (Blackman and Vigna, prng.di.unimi.it).
const STREAM_OF_42: [u64; 6] = [
    0xd076_4d4f_4476_689f,
    0x519e_4174_576f_3791,
    0xfbe0_7cfb_0c24_ed8c,
    0xb37d_9f60_0cd8_35b8,
    0xcb23_1c38_7484_6a73,
    0x968d_9f00_4e50_de7d,
];

#[test]
fn the_generator_is_xoshiro256plusplus() {
    let mut generator = Generator::seed_from_u64(42);
    assert_eq!(STREAM_OF_42.map(|_| generator.next_u64()), STREAM_OF_42);
    let mut generator = Generator::seed_from_u64(0);
    assert_eq!(generator.next_u64(), 0x5317_5d61_490b_23df);
}

#[test]
fn the_generator_is_that_of_rand() {
    let seeds = [[0; 32], [1; 32], std::array::from_fn(|i| 7 * i as u8)];
    let from_seeds = seeds.map(|seed| (Generator::from_seed(seed), Xoshiro256PlusPlus::from_seed(seed)));
    let from_numbers =
        [0, 1, 42, u64::MAX].map(|seed| (Generator::seed_from_u64(seed), Xoshiro256PlusPlus::seed_from_u64(seed)));
    for (mut ours, mut theirs) in from_seeds.into_iter().chain(from_numbers) {
        for _ in 0..1000 {
            assert_eq!(ours.next_u64(), theirs.next_u64());
            assert_eq!(ours.next_u32(), theirs.next_u32());
        }
        let (mut our_bytes, mut their_bytes) = ([0; 13], [0; 13]);
        ours.fill_bytes(&mut our_bytes);
        theirs.fill_bytes(&mut their_bytes);
        assert_eq!(our_bytes, their_bytes);
    }
}

#[test]
fn a_generator_goes_on_from_its_state() {
    let mut generator = Generator::seed_from_u64(3);
    for _ in 0..100 {
        let mut restored = Generator::from_state(generator.state());
        assert_eq!(restored, generator);
        assert_eq!(restored.next_u64(), generator.next_u64());
    }
    let panic = std::panic::catch_unwind(|| Generator::from_state([0; 4])).unwrap_err();
    let text = "Generator::from_state: state is zeros; it must be what `state()` gave";
    assert_eq!(panic.downcast_ref::<String>().unwrap(), text);
}

#[test]
fn the_default_generator_is_the_same_one() {
    manual_seed(42);
    assert_eq!(STREAM_OF_42.map(|_| with_generator(|generator| generator.next_u64())), STREAM_OF_42);
}

#[test]
fn rand_takes_the_highest_bits() {
    // The highest 24 bits make an f32 between 0 and 1, the highest 53 an f64.
    manual_seed(42);
    let expected = STREAM_OF_42.map(|bits| (bits >> 40) as f32 / (1u32 << 24) as f32);
    assert_eq!(Tensor::rand([2, 3]).to_vec(), expected);
    manual_seed(42);
    let expected = STREAM_OF_42.map(|bits| (bits >> 11) as f64 / (1u64 << 53) as f64);
    assert_eq!(Tensor::<f64>::rand([6]).to_vec(), expected);
}

#[test]
fn the_first_numbers_of_each_function_never_change() {
    // From a second implementation of the ziggurat method (Marsaglia and Tsang 2000, doi:10.18637/jss.v005.i08), in
    // the variant ZIGNOR (Doornik 2005).
    let standard = [0.8343975468437959, -0.514962928147295, 1.40772757311975, 0.46445486122523566];
    manual_seed(42);
    assert_eq!(Tensor::<f64>::randn([4]).to_vec(), standard);
    manual_seed(42);
    assert_eq!(Tensor::randn([4]).to_vec(), standard.map(|z| z as f32));
    manual_seed(42);
    assert_eq!(Tensor::normal(10.0, 0.5, [4]).to_vec(), standard.map(|z| 10.0 + 0.5 * z as f32));
    // From a second implementation as well: Fisher-Yates, with several positions from one number of the stream.
    let mut order: Vec<usize> = (0..10).collect();
    order.shuffle(&mut Generator::seed_from_u64(42));
    assert_eq!(order, [2, 1, 4, 6, 9, 5, 3, 8, 7, 0]);
}

#[test]
fn a_normal_distribution_is_a_scaled_standard_one() {
    manual_seed(7);
    let scaled = 10 + 0.5 * Tensor::<f64>::randn([100]);
    manual_seed(7);
    assert_eq!(Tensor::<f64>::normal(10.0, 0.5, [100]).to_vec(), scaled.to_vec());
}

#[test]
fn manual_seed_repeats_what_follows() {
    let draw = || {
        let mut numbers = Tensor::rand([5]).to_vec();
        numbers.extend(Tensor::randn([3, 3]).to_vec());
        numbers.extend(Tensor::zeros([4]).rand_like().to_vec());
        numbers.extend(Tensor::zeros([4]).randn_like().to_vec());
        numbers.push(with_generator(|generator| generator.random()));
        numbers
    };
    manual_seed(1);
    let (first, second) = (draw(), draw());
    manual_seed(1);
    assert_eq!(draw(), first);
    assert_eq!(draw(), second);
    assert_ne!(first, second, "the stream goes on");
    manual_seed(2);
    assert_ne!(draw(), first, "another seed is another stream");
}

#[test]
fn every_thread_has_a_default_generator_of_its_own() {
    manual_seed(3);
    let expected = Tensor::randn([6]).to_vec();
    manual_seed(3);
    let mut found = Tensor::randn([3]).to_vec();
    let elsewhere = thread::spawn(|| {
        let unseeded = Tensor::randn([6]).to_vec();
        manual_seed(3);
        [unseeded, Tensor::randn([6]).to_vec()]
    });
    let [unseeded, seeded] = elsewhere.join().unwrap();
    found.extend(Tensor::randn([3]).to_vec());
    assert_eq!(found, expected, "another thread's draws and seed are not seen here");
    assert_eq!(seeded, expected, "the same seed gives the same numbers on any thread");
    assert_ne!(unseeded, expected, "a seed is not handed to other threads");
}

#[test]
fn an_own_generator_leaves_the_default_alone() {
    manual_seed(5);
    let expected = Tensor::rand([4]).to_vec();
    manual_seed(5);
    let mut own = Generator::seed_from_u64(42);
    let own_numbers: Tensor<f64> = Tensor::sample([2], StandardUniform, &mut own);
    assert_eq!(
        own_numbers.to_vec(),
        [0xd076_4d4f_4476_689f_u64, STREAM_OF_42[1]].map(|bits| (bits >> 11) as f64 * 2f64.powi(-53))
    );
    assert_eq!(Tensor::rand([4]).to_vec(), expected);
    // The caller's generator has advanced by the numbers drawn.
    assert_eq!(own.next_u64(), STREAM_OF_42[2]);
}

#[test]
fn sample_takes_any_distribution_and_element_type() {
    let mut rng = Generator::seed_from_u64(9);
    let die: Tensor<i64> = Tensor::sample([4, 50], Uniform::new_inclusive(1, 6).unwrap(), &mut rng);
    assert_eq!(die.shape(), [4, 50]);
    assert!(
        (1..=6).all(|face| die.to_vec().contains(&face)) && die.to_vec().iter().all(|face| (1..=6).contains(face))
    );
    let coins: Tensor<bool> = Tensor::sample([1000], Bernoulli::new(0.25).unwrap(), &mut rng);
    let heads = coins.to_vec().into_iter().filter(|&head| head).count();
    assert!((190..310).contains(&heads), "{heads} of 1000"); // 250 and four standard deviations of 13.7
    let waits: Tensor<f64> = Tensor::sample([10_000], Exp::new(2.0).unwrap(), &mut rng);
    assert!((waits.mean().item() - 0.5).abs() < 0.02);
    let normal: Tensor = Tensor::sample(3, StandardNormal, &mut rng);
    assert_eq!(normal.shape(), [3]);
}

#[test]
fn rand_and_randn_have_the_moments_of_their_distributions() {
    const N: usize = 100_000;
    manual_seed(0);
    // Uniform: mean 1/2, variance 1/12. Each bound is four standard deviations of the estimate.
    let x = Tensor::<f64>::rand([N]);
    assert!((x.mean().item() - 0.5).abs() < 4.0 * (1.0 / 12.0 / N as f64).sqrt());
    assert!((x.var().item() - 1.0 / 12.0).abs() < 4.0 * (1.0 / 180.0 / N as f64).sqrt());
    assert!(x.min().item() >= 0.0 && x.max().item() < 1.0);
    let single = Tensor::rand([N]);
    assert!(single.min().item() >= 0.0 && single.max().item() < 1.0);

    // Normal: mean 0, variance 1, third moment 0, fourth moment 3 (variances of the estimates: 1, 2, 15 and 96 by N).
    let x = Tensor::<f64>::randn([N]);
    for (power, expected, variance) in [(1, 0.0, 1.0), (2, 1.0, 2.0), (3, 0.0, 15.0), (4, 3.0, 96.0)] {
        let moment = x.pow(power).mean().item();
        let bound = 4.0 * (variance / N as f64).sqrt();
        assert!((moment - expected).abs() < bound, "moment {power}: {moment} instead of {expected} ± {bound}");
    }
    // Neighbours are independent.
    let correlation = (x.slice(0, 1..) * x.slice(0, ..-1)).mean().item();
    assert!(correlation.abs() < 4.0 / (N as f64).sqrt(), "{correlation}");
}

#[test]
fn dropout_keeps_and_enlarges_a_share_of_the_elements() {
    for p in [0.1, 0.5, 0.9] {
        manual_seed(1);
        let x = Tensor::<f64>::full([100, 200], 3.0).requires_grad_(true);
        let y = x.dropout(p);
        let n = x.numel() as f64;
        let dropped = y.to_vec().iter().filter(|&&y| y == 0.0).count() as f64;
        // Five standard errors of a binomial distribution.
        assert!((dropped - n * p).abs() < 5.0 * (n * p * (1.0 - p)).sqrt(), "{dropped} of {n} with p = {p}");
        assert!(y.to_vec().iter().all(|&y| y == 0.0 || (y - 3.0 / (1.0 - p)).abs() < 1e-12));
        // The gradient passes where the element was kept, by the same factor.
        y.sum().backward();
        assert_eq!((x.grad().unwrap() * 3).to_vec(), y.to_vec());
        manual_seed(1);
        assert_eq!(x.dropout(p).to_vec(), y.to_vec(), "the seed decides");
        let again = x.dropout_with(p, &mut Generator::seed_from_u64(1));
        assert_eq!(again.to_vec(), y.to_vec(), "a generator of the caller in the same state");
        assert_ne!(x.dropout(p).to_vec(), y.to_vec(), "the next draw differs");
    }
}

#[test]
fn dropout_without_chance_draws_nothing() {
    let x = Tensor::from([1.0, f32::NAN, f32::INFINITY]);
    manual_seed(42);
    assert!(x.dropout(0.0).is(&x));
    let none = x.dropout(1.0).to_vec();
    assert!(none[0] == 0.0 && none[1].is_nan() && none[2].is_nan(), "{none:?}");
    assert_eq!(with_generator(|generator| generator.next_u64()), STREAM_OF_42[0]);
}
