//! The page of a tape: what is in the file, and what a reader sees and clicks in Chromium.
//!
//! Without Chromium and `chromedriver` the reader's part is skipped with a message, unless `DOWNHILL_BROWSER` is set. Pictures of the pages are left in the folder of
//! temporary files of the target, to be looked at.

mod driver;
mod html;
mod reader;
mod tapes;
