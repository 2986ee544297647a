//! The kinds of devices that people sign in on.

use std::fmt;

use crate::text_enum::text_enum;

/// A browser that people know by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BrowserName {
    /// Chrome, or a browser that passes itself off as it.
    Chrome,
    /// Edge by Microsoft. Its `User-Agent` names Chrome as well.
    Edge,
    /// Firefox by Mozilla, on any device.
    Firefox,
    /// Opera. Its `User-Agent` names Chrome as well.
    Opera,
    /// Safari by Apple, on any of its devices.
    Safari,
    /// The browser of Samsung's telephones.
    SamsungInternet,
}

text_enum!(
    BrowserName,
    Chrome = "Chrome",
    Edge = "Edge",
    Firefox = "Firefox",
    Opera = "Opera",
    Safari = "Safari",
    SamsungInternet = "Samsung Internet",
);

/// What a browser runs on, by the name that people know: a device of Apple, or else an operating system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Platform {
    /// A telephone or tablet with Android.
    Android,
    /// A computer with `ChromeOS`.
    ChromeOs,
    /// An iPhone.
    IPhone,
    /// An iPad that does not pass itself off as a Mac.
    IPad,
    /// A computer with Linux.
    Linux,
    /// A Mac.
    Mac,
    /// A computer with Windows.
    Windows,
}

text_enum!(
    Platform,
    Android = "Android",
    ChromeOs = "ChromeOS",
    IPhone = "iPhone",
    IPad = "iPad",
    Linux = "Linux",
    Mac = "Mac",
    Windows = "Windows",
);

/// The kind of device that a session began on, as far as its browser told. It is what a person needs to tell sessions apart, and
/// no more: versions and models are neither shown nor stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Device {
    /// The browser, if it is a known one.
    pub browser: Option<BrowserName>,
    /// What the browser runs on, if that is known.
    pub platform: Option<Platform>,
}

/// What a browser is called whose name is not known.
const SOME_BROWSER: &str = "a browser";
/// What stands between the browser and what it runs on.
const ON: &str = " on ";

impl Device {
    /// Reads the text that [`Display`](fmt::Display) wrote, perhaps in another version. Names that are not known are left out.
    pub fn stored(text: &str) -> Self {
        let (browser, platform) = text.split_once(ON).unwrap_or((text, ""));
        Self { browser: browser.parse().ok(), platform: platform.parse().ok() }
    }
}

impl fmt::Display for Device {
    /// Writes the kind of device in English, such as `Firefox on Linux` or `a browser`, with at most 40 characters.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.browser.map_or(SOME_BROWSER, BrowserName::as_str))?;
        if let Some(platform) = self.platform {
            f.write_str(ON)?;
            f.write_str(platform.as_str())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_device_is_read_as_it_was_written_and_is_short() {
        let browsers = BrowserName::ALL.map(Some).into_iter().chain([None]);
        for browser in browsers {
            for platform in Platform::ALL.map(Some).into_iter().chain([None]) {
                let device = Device { browser, platform };
                let text = device.to_string();
                assert_eq!(Device::stored(&text), device, "{text}");
                assert!(text.len() <= 40, "{text}");
            }
        }
    }

    #[test]
    fn names_of_another_version_are_left_out() {
        assert_eq!(Device::stored("Netscape on Amiga"), Device::default());
        assert_eq!(Device::stored("Netscape on Linux").to_string(), "a browser on Linux");
        assert_eq!(Device::default().to_string(), "a browser");
    }
}
