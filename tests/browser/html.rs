//! The HTML file itself, checked without a browser: well-formed, complete, and the same each time.

use downhill::tensor::Tape;
use downhill::viz::Page;
use serde_json::Value;

use crate::tapes;

/// The data of a page, which must be JSON.
fn data(html: &str) -> Value {
    let (_, rest) = html.split_once("<script type=\"application/json\" id=\"tape\">").expect("the page has data");
    let (json, _) = rest.split_once("</script>").expect("the data has an end");
    serde_json::from_str(json).expect("the data is JSON")
}

fn page(tape: &Tape) -> String {
    Page::of(tape).explanations(20).to_html()
}

#[test]
fn pages_are_whole_and_ask_for_nothing() {
    for (name, tape) in tapes::all() {
        let html = page(&tape);
        assert_eq!(html, page(&tape), "{name}: the same bytes");
        assert!(html.starts_with("<!doctype html>\n") && html.ends_with("</html>\n"), "{name}");
        for part in ["<html", "</html>", "<style>", "</style>", "</svg>\n</section>", "</body>"] {
            assert_eq!(html.matches(part).count(), 1, "{name}: {part}");
        }
        // One script holds the data and one the program; a third would have been injected by a name.
        assert_eq!(html.matches("<script").count(), 2, "{name}");
        assert_eq!(html.matches("</script").count(), 2, "{name}");
        let links = html.matches("http").count();
        let names_of_svg = html.matches("http://www.w3.org/2000/svg").count();
        // The third is `http-equiv`, which forbids all requests.
        assert_eq!(links, names_of_svg + 1, "{name}");

        let data = data(&html);
        assert_eq!(data["entries"].as_array().unwrap().len(), tape.entries().len(), "{name}");
        let steps = |pass: &Value| pass.as_array().unwrap().len();
        let steps: Vec<usize> = data["passes"].as_array().unwrap().iter().map(steps).collect();
        assert_eq!(steps, tape.passes().map(<[_]>::len).collect::<Vec<_>>(), "{name}");
    }
}

#[test]
fn titles_and_names_are_text() {
    let (_, tape) = tapes::all().pop().expect("the hostile one is the last");
    let html = Page::of(&tape).title(tapes::HOSTILE).to_html();
    assert!(html.contains("<title>&lt;/script&gt;&lt;script&gt;window.broken = 1"));
    assert!(!html.contains("<script>window.broken"));
    assert_eq!(data(&html)["entries"][0]["name"], tapes::HOSTILE);
}

#[test]
fn numbers_lines_and_explanations_are_those_of_the_tape() {
    let tape = tapes::linear_regression();
    let data = data(&page(&tape));
    let tensor = |place: &Value| &data["tensors"][usize::try_from(place.as_u64().unwrap()).unwrap()];

    let x = tensor(&data["entries"][0]["value"]);
    // A 32-bit number is written with the digits that the user gave.
    assert_eq!(x["cells"].to_string(), "[[1,2,3,-1,0.5,0.1]]");
    assert_eq!(x["shape"].to_string(), "[3,2]");
    let w = &data["entries"][1];
    let gradient = tape.gradient(1).unwrap().cast::<f64>().to_vec();
    let cells = tensor(&w["gradient"])["cells"][0].as_array().unwrap();
    assert_eq!(
        cells.iter().map(|cell| cell.as_f64().unwrap() as f32).collect::<Vec<_>>(),
        gradient.iter().map(|&x| x as f32).collect::<Vec<_>>()
    );
    assert_eq!((w["name"].as_str(), w["role"].as_str()), (Some("w"), Some("parameter")));

    let matmul = &data["entries"][2];
    assert_eq!(matmul["derivatives"].to_string(), "[\"grad Bᵀ\",\"Aᵀ grad\"]");
    let source = &data["source"]["tests/browser/tapes.rs"][matmul["line"].to_string()];
    assert_eq!(source, "    Tape::record(|| (x.matmul(&w) + &b - &y).square().mean().backward()).1");
    for place in 0..2 {
        let expected = tape.explain_entry(1, place).to_string();
        assert_eq!(data["explanations"]["1"][place.to_string()], expected);
    }

    // A gradient with a single contribution is that contribution: one tensor for both.
    let steps = data["passes"][0].as_array().unwrap();
    assert_eq!(steps[0]["contributions"][0]["sum"], steps[1]["gradient"]);
}

#[test]
fn explanations_are_limited() {
    let tape = tapes::linear_regression();
    let count = |limit: usize| {
        let data = data(&Page::of(&tape).explanations(limit).to_html());
        assert_eq!(data["explained"], limit);
        data["explanations"]
            .as_object()
            .unwrap()
            .values()
            .map(|texts| texts.as_object().unwrap().len())
            .sum::<usize>()
    };
    // Two elements of w and one of b; three each of what lies between, and the loss.
    assert_eq!([0, 1, 5, 1000].map(count), [0, 1, 5, 3 + 4 * 3 + 1]);
}
