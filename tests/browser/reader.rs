//! What a reader of the page sees and can do.

use std::path::{Path, PathBuf};

use downhill::tensor::{AnyTensor, Step, Tape};
use downhill::viz::Page;
use serde_json::Value;

use crate::driver::{Browser, key};
use crate::tapes;

/// What the step says: its status, headline and formula, the user's line, the numbers of each table in full, as
/// hovering shows them, and the rules of its contributions.
const STEP: &str = "
    const text = (selector) => document.querySelector(selector)?.textContent ?? '';
    const full = (cell) => cell.title.slice(cell.title.lastIndexOf('= ') + 2);
    const all = (selector, of) => [...document.querySelectorAll('#step ' + selector)].map(of);
    return {
        status: text('#status'), headline: text('#step h2'), formula: text('#step dd .formula'),
        line: text('#step .source .own'),
        tables: all('figure.tensor', (figure) => [...figure.querySelectorAll('.cell')].map(full)),
        rules: all('.contribution h3 .formula', (rule) => rule.textContent),
    };";

/// One browser for all checks, because starting it takes the most time.
#[test]
fn a_reader_steps_clicks_and_reads() {
    let browser = match Browser::start() {
        Ok(browser) => browser,
        Err(why) if std::env::var_os("DOWNHILL_BROWSER").is_none() => {
            eprintln!("skipped: {why}; install the packages chromium and chromium-driver");
            return;
        }
        Err(why) => panic!("{why}, and DOWNHILL_BROWSER is set"),
    };
    every_step_shows_the_numbers_of_the_tape(&browser, "shared", &tapes::shared());
    every_step_shows_the_numbers_of_the_tape(&browser, "linear-regression", &tapes::linear_regression());
    buttons_keys_slider_and_graph_agree(&browser);
    a_click_explains(&browser);
    what_is_not_explained_says_why(&browser);
    every_tape_can_be_walked_through(&browser);
    lenet_fits(&browser);
}

/// Saves a page and opens it.
fn open(browser: &Browser, name: &str, page: &Page<'_>) {
    let file = temporary(&format!("page-{name}.html"));
    page.save(&file).unwrap();
    browser.open(&file);
}

fn temporary(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
}

/// Takes a screenshot of a page at this width and color scheme; nothing may be wider than the page.
fn look(browser: &Browser, name: &str, (width, height): (usize, usize), scheme: &str) {
    browser.show_as(width, height, scheme);
    assert_eq!(browser.run("return document.scrollingElement.scrollWidth"), width, "{name}");
    assert!(browser.screenshot(&temporary(&format!("page-{name}.png"))) > 10_000, "{name}: the picture is empty");
    browser.show_as(1280, 800, "light");
}

/// No script failed and nothing was fetched.
fn check_quiet(browser: &Browser, name: &str) {
    assert_eq!(browser.console(), [""; 0], "{name}");
    let state = browser.run("return [performance.getEntriesByType('resource').length, typeof window.broken]");
    assert_eq!(state.to_string(), "[0,\"undefined\"]", "{name}");
}

fn numbers(tensor: &AnyTensor) -> Vec<f32> {
    tensor.cast::<f32>().to_vec()
}

/// Clicks the button without a mouse, which is faster.
fn forth(browser: &Browser) {
    browser.run("document.getElementById('forth').click()");
}

/// The numbers of all tables of a step.
fn tables(step: &Value) -> Vec<Vec<f32>> {
    let texts: Vec<Vec<String>> = serde_json::from_value(step["tables"].clone()).unwrap();
    texts.iter().map(|table| table.iter().map(|text| text.parse().expect("a number")).collect()).collect()
}

fn every_step_shows_the_numbers_of_the_tape(browser: &Browser, name: &str, tape: &Tape) {
    open(browser, name, &Page::of(tape).title(name));
    let value = |number: &usize| numbers(tape.entries()[*number].value());
    let count = tape.entries().len();
    for entry in tape.entries() {
        let number = entry.number();
        let shown = browser.run(STEP);
        assert_eq!(shown["status"], format!("Forward, value {} of {count}", number + 1));
        assert!(shown["headline"].as_str().unwrap().starts_with(&format!("%{number}")));
        let mut expected: Vec<Vec<f32>> = entry.inputs().iter().map(value).collect();
        expected.push(value(&number));
        assert_eq!(tables(&shown), expected, "forward %{number}");
        assert_eq!(shown["formula"], entry.formula());
        let line = include_str!("tapes.rs").lines().nth(entry.line().line() as usize - 1).unwrap();
        assert_eq!(shown["line"], format!("{}{line}", entry.line().line()));
        forth(browser);
    }
    let steps = tape.passes().next().unwrap();
    for (index, step) in steps.iter().enumerate() {
        let shown = browser.run(STEP);
        assert_eq!(shown["status"], format!("Backward, step {} of {}", index + 1, steps.len()));
        let mut expected = vec![numbers(step.grad())];
        for part in step.contributions() {
            expected.push(numbers(part.grad()));
            let parts = steps.iter().flat_map(Step::contributions).filter(|other| other.input() == part.input());
            if parts.count() > 1 {
                expected.push(numbers(part.sum()));
            }
        }
        assert_eq!(tables(&shown)[..expected.len()], expected, "backward %{}", step.entry());
        let rules: Vec<&str> = step.contributions().iter().map(|part| part.rule()).collect();
        assert_eq!(shown["rules"], serde_json::json!(rules));
        forth(browser);
    }
    check_quiet(browser, name);
}

fn buttons_keys_slider_and_graph_agree(browser: &Browser) {
    let shown = |what: &str, text: &str| assert_eq!(browser.text("#status"), text, "{what}");
    let marked = |class: &str| {
        browser.run(&format!("return [...document.querySelectorAll('g.node.{class}')].map((node) => node.id).join()"))
    };
    browser.click("#first");
    browser.click("#forth");
    shown("the button forth", "Forward, value 2 of 9");
    browser.click("#back");
    shown("the button back", "Forward, value 1 of 9");
    assert_eq!(browser.run("return document.getElementById('back').disabled"), true);
    browser.press("body", key::RIGHT);
    browser.press("body", &key::RIGHT.repeat(2));
    browser.press("body", key::LEFT);
    shown("arrow keys", "Forward, value 3 of 9");
    assert_eq!((marked("current"), marked("done")), ("n2".into(), "n0,n1,n2".into()));
    look(browser, "forward", (1280, 800), "light");
    browser.press("#slider", &key::RIGHT.repeat(10));
    shown("the slider", "Backward, step 4 of 7");
    assert_eq!(
        (marked("current"), marked("graded"), marked("partial")),
        ("n4".into(), "n4,n6,n7,n8".into(), "n2,n3".into())
    );
    // The edges of %4 show the gradients that it passes on: the norm for %2, and the number for b.
    let badges = browser.run("return [...document.querySelectorAll('.badge')].map((badge) => badge.textContent)");
    let steps: Vec<_> = tapes::linear_regression().passes().next().unwrap().to_vec();
    let bias: f64 = steps[3].contributions()[1].grad().cast::<f64>().item();
    assert!(badges[0].as_str().unwrap().starts_with("norm "), "{badges}");
    assert!((badges[1].as_str().unwrap().parse::<f64>().unwrap() - bias).abs() < 5e-4 * bias.abs(), "{badges}");
    look(browser, "backward", (1280, 800), "light");
    look(browser, "backward-dark", (1280, 800), "dark");
    browser.press("body", key::END);
    shown("the key End", "Backward, step 7 of 7");
    browser.click("#n8");
    shown("a node in the backward pass", "Backward, step 1 of 7");
    browser.press("body", key::HOME);
    browser.click("#n7");
    shown("a node in the forward pass", "Forward, value 8 of 9");
    browser.click("#step .reference");
    shown("the name of an input", "Forward, value 7 of 9");
    check_quiet(browser, "controls");
}

fn a_click_explains(browser: &Browser) {
    let tape = tapes::linear_regression();
    let hidden = || browser.run("return document.getElementById('why').hidden");
    browser.press("body", key::END);
    assert_eq!(hidden(), true);
    // Step 7 of 7 is the gradient of w.
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    browser.click("#step .cell[data-place='1']");
    let explanation = tape.explain_entry(1, 1).to_string();
    assert_eq!(words(&browser.text("#why .explanation")), words(&explanation));
    assert_eq!(browser.text("#why h2"), "Why is ∂L/∂w[1, 0] what it is?");
    // The number in the table reads as in the explanation.
    let number = browser.text("#step .cell.selected");
    assert!(explanation.starts_with(&format!("∂L/∂w[1, 0] = {number} ")), "{number}: {explanation}");
    look(browser, "why", (1280, 800), "light");
    look(browser, "why-narrow", (400, 800), "light");

    browser.press("body", key::ESCAPE);
    assert_eq!(hidden(), true);
    // Escape returned the focus to the cell; from there the arrow keys move through the table.
    browser.press(".cell:focus", key::LEFT);
    assert_eq!(browser.text("#status"), "Backward, step 7 of 7");
    browser.run("document.querySelector(\"#step .cell[data-place='1']\").focus()");
    browser.press(".cell:focus", "\u{e013}");
    browser.press(".cell:focus", key::ENTER);
    assert_eq!(browser.text("#why h2"), "Why is ∂L/∂w[0, 0] what it is?");
    browser.click("#why .close");
    assert_eq!(hidden(), true);
    check_quiet(browser, "explanations");
}

fn what_is_not_explained_says_why(browser: &Browser) {
    let tape = tapes::linear_regression();
    let open_with = |tape: &Tape, limit: usize| open(browser, "limited", &Page::of(tape).explanations(limit));
    let answer = |entry: usize| {
        browser.run(&format!("document.getElementById('n{entry}').dispatchEvent(new Event('click'))"));
        browser.click(&format!("#step .cell[data-entry='{entry}']"));
        browser.text("#why p")
    };
    open_with(&tape, 1);
    assert_eq!(answer(0), "x[0, 0] is data: no gradient is computed for it.");
    let limit = "This element was not explained: the page was made with at most 1 explanations. \
                 Page::of(&tape).explanations(1000) makes more.";
    assert_eq!(answer(3), limit);
    let forward = tapes::all().swap_remove(2).1;
    open_with(&forward, 10);
    let none = "No backward pass was recorded: call backward() on the loss inside the closure of Tape::record.";
    assert_eq!(answer(1), none);
    check_quiet(browser, "limits");
}

fn every_tape_can_be_walked_through(browser: &Browser) {
    for (name, tape) in tapes::all() {
        open(browser, name, &Page::of(&tape).title(tapes::HOSTILE).explanations(10));
        let steps = tape.entries().len() + tape.passes().map(<[_]>::len).sum::<usize>();
        let stride = 1 + steps / 20;
        let walked = browser.run(&format!(
            "const slider = document.getElementById('slider');
             if (document.getElementById('controls').hidden) return 0;
             for (let step = 0; step <= Number(slider.max); step += {stride}) {{
                 slider.value = step;
                 slider.dispatchEvent(new Event('input'));
                 document.querySelector('#step .cell')?.click();
             }}
             return Number(slider.max) + 1;"
        ));
        assert_eq!(walked, steps, "{name}");
        check_quiet(browser, name);
    }
    browser.press("body", key::HOME);
    let name = "</script><script>window.broken = 1</script>";
    assert!(browser.text("h1").starts_with(name));
    assert!(browser.text("#step h2").starts_with(&format!("%0 {name}")));
}

fn lenet_fits(browser: &Browser) {
    let tape = tapes::lenet();
    open(browser, "lenet", &Page::of(&tape).title("LeNet, a batch of four digits").explanations(20));
    browser.press("body", &key::RIGHT.repeat(3));
    assert_eq!(
        browser.text("#step h2"),
        "%3 = conv2d(%0 images, %1 conv1.weight, %2 conv1.bias, kernel=[5, 5], padding=[2, 2])"
    );
    // The third image and its picture: 28 by 28 pixels, and not blank.
    browser.click(".matrix:nth-child(3)");
    let pixels = "const canvas = document.querySelector('.matrix canvas');
                  const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
                  return [canvas.width, canvas.height, data.some((value) => value > 200)]";
    assert_eq!(browser.run(pixels).to_string(), "[28,28,true]");
    let image = numbers(tape.entries()[0].value());
    assert_eq!(tables(&browser.run(STEP))[0][..10], image[2 * 784..2 * 784 + 10]);
    look(browser, "lenet", (1280, 800), "light");
    browser.press("body", key::END);
    browser.click("#step .cell");
    look(browser, "lenet-backward", (1280, 800), "light");
    look(browser, "lenet-narrow", (400, 800), "dark");
    check_quiet(browser, "lenet");
}
