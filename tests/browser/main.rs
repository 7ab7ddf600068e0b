//! The page of a tape: the contents of the file, and what a reader sees and clicks in Chromium.
//!
//! Without Chromium and `chromedriver` the tests in the browser are skipped with a message, unless `DOWNHILL_BROWSER`
//! is set. Screenshots of the pages are kept in the target's folder for temporary files.

mod driver;
mod html;
mod reader;
mod tapes;
