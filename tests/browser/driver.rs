//! Lets a test use Chromium as a reader would: talks to the system's ChromeDriver over HTTP, as the WebDriver
//! standard says (W3C, "WebDriver", 2018).

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

/// The time limit of each request to the browser.
const PATIENCE: Duration = Duration::from_secs(20);

/// The key under which the standard returns elements.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// No network and no animations, so that pictures are the same each time.
const FLAGS: [&str; 10] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-prefers-reduced-motion",
    "--window-size=1280,800",
];

/// A browser with a profile of its own; it is closed when this value is dropped, also in a panic.
pub struct Browser {
    driver: Child,
    port: u16,
    session: String,
    profile: PathBuf,
}

impl Browser {
    /// Starts ChromeDriver and a browser, or says why there is none on this machine.
    pub fn start() -> Result<Browser, String> {
        let mut command = Command::new("chromedriver");
        // Port 0 is any free port; the driver prints which one.
        command.arg("--port=0").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        // The browser is in the process group of its driver, so that both can be ended together.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut driver = command.spawn().map_err(|error| format!("chromedriver cannot be started ({error})"))?;
        let output = BufReader::new(driver.stdout.take().expect("the output is piped"));
        let profile = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("chromium-{}", std::process::id()));
        let mut browser = Browser { driver, port: 0, session: String::new(), profile };

        let (found, ports) = mpsc::channel();
        thread::spawn(move || {
            // It reads to the end, because the driver would block if nobody read its output.
            for line in output.lines().map_while(Result::ok) {
                let port =
                    line.split_once("started successfully on port ").map(|(_, port)| port.trim_end_matches('.'));
                if let Some(port) = port.and_then(|port| port.parse::<u16>().ok()) {
                    let _ = found.send(port);
                }
            }
        });
        browser.port = ports.recv_timeout(PATIENCE).expect("ChromeDriver says its port");
        let mut flags: Vec<String> = FLAGS.iter().map(ToString::to_string).collect();
        flags.push(format!("--user-data-dir={}", browser.profile.display()));
        let wanted = json!({ "goog:chromeOptions": { "args": flags }, "goog:loggingPrefs": { "browser": "ALL" } });
        let answer = browser.try_send("POST", "/session", &json!({ "capabilities": { "alwaysMatch": wanted } }));
        let (_, session) = answer.map_err(|error| format!("chromedriver does not answer ({error})"))?;
        let Some(id) = session["sessionId"].as_str() else {
            return Err(format!(
                "chromedriver starts no browser ({})",
                session["message"].as_str().unwrap_or_default()
            ));
        };
        browser.session = id.to_string();
        Ok(browser)
    }

    /// Opens a file as a double click does.
    pub fn open(&self, file: &Path) {
        self.post("/url", &json!({ "url": format!("file://{}", file.display()) }));
    }

    /// Clicks the middle of the first element that a selector matches, as a mouse does.
    pub fn click(&self, selector: &str) {
        let element = self.find(selector);
        self.post(&format!("/element/{element}/click"), &json!({}));
    }

    /// Types into the element of a selector: letters, or keys of [`key`].
    pub fn press(&self, selector: &str, keys: &str) {
        let element = self.find(selector);
        self.post(&format!("/element/{element}/value"), &json!({ "text": keys }));
    }

    /// The visible text of an element.
    pub fn text(&self, selector: &str) -> String {
        let element = self.find(selector);
        let text = self.send("GET", &format!("/session/{}/element/{element}/text", self.session), &Value::Null);
        text.as_str().unwrap_or_default().to_string()
    }

    /// The result of a script.
    pub fn run(&self, script: &str) -> Value {
        self.post("/execute/sync", &json!({ "script": script, "args": [] }))
    }

    /// Sets the size of the page in pixels, and whether the reader prefers dark pages.
    pub fn show_as(&self, width: usize, height: usize, scheme: &str) {
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", &size);
        let scheme = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.devtools("Emulation.setEmulatedMedia", &scheme);
    }

    /// What the page has written to the console since the last call.
    pub fn console(&self) -> Vec<String> {
        let entries = self.post("/se/log", &json!({ "type": "browser" }));
        let text = |entry: &Value| entry["message"].as_str().unwrap_or_default().to_string();
        entries.as_array().expect("a log is a list").iter().map(text).collect()
    }

    /// Saves a screenshot of the window and returns its size in bytes.
    pub fn screenshot(&self, file: &Path) -> usize {
        let png = self.devtools("Page.captureScreenshot", &json!({}));
        let bytes = decoded(png["data"].as_str().expect("a picture"));
        fs::write(file, &bytes).expect("the folder of the target can be written");
        bytes.len()
    }

    fn find(&self, selector: &str) -> String {
        let element = self.post("/element", &json!({ "using": "css selector", "value": selector }));
        element[ELEMENT].as_str().expect("an element has an id").to_string()
    }

    fn devtools(&self, command: &str, parameters: &Value) -> Value {
        self.post("/goog/cdp/execute", &json!({ "cmd": command, "params": parameters }))
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        self.send("POST", &format!("/session/{}{path}", self.session), body)
    }

    fn send(&self, method: &str, path: &str, body: &Value) -> Value {
        match self.try_send(method, path, body) {
            Ok((200, value)) => value,
            Ok((_, value)) => panic!("{method} {path} {body}: {}", value["message"].as_str().unwrap_or_default()),
            Err(error) => panic!("{method} {path} {body}: {error}"),
        }
    }

    /// The status and the value of a response.
    fn try_send(&self, method: &str, path: &str, body: &Value) -> std::io::Result<(u16, Value)> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let length = body.len();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nContent-Type: application/json\r\n\
             Content-Length: {length}\r\nConnection: close\r\n\r\n{body}",
            self.port
        )?;
        let mut reader = BufReader::new(stream);
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let status = line.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        let mut length = 0;
        while line != "\r\n" && !line.is_empty() {
            line.clear();
            reader.read_line(&mut line)?;
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().unwrap_or(0);
            }
        }
        let mut content = vec![0; length];
        reader.read_exact(&mut content)?;
        let answer: Value = serde_json::from_slice(&content)?;
        Ok((status, answer["value"].clone()))
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if !self.session.is_empty() {
            let _ = self.try_send("DELETE", &format!("/session/{}", self.session), &Value::Null);
        }
        #[cfg(unix)]
        let _ = Command::new("kill").args(["-KILL", "--", &format!("-{}", self.driver.id())]).status();
        let _ = self.driver.kill();
        let _ = self.driver.wait();
        let _ = fs::remove_dir_all(&self.profile);
    }
}

/// Keys as the standard writes them.
pub mod key {
    pub const ESCAPE: &str = "\u{e00c}";
    pub const END: &str = "\u{e010}";
    pub const HOME: &str = "\u{e011}";
    pub const LEFT: &str = "\u{e012}";
    pub const RIGHT: &str = "\u{e014}";
    pub const ENTER: &str = "\u{e007}";
}

/// The bytes of a text in base64 (RFC 4648).
fn decoded(text: &str) -> Vec<u8> {
    let digit = |byte: u8| match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        _ => 63,
    };
    let digits: Vec<u8> = text.bytes().filter(|&byte| byte != b'=').map(digit).collect();
    let bytes = |digits: &[u8]| {
        let all = digits.iter().fold(0, |all, &digit| all << 6 | u32::from(digit)) << (6 * (4 - digits.len()));
        all.to_be_bytes()[1..digits.len()].to_vec()
    };
    digits.chunks(4).flat_map(bytes).collect()
}
