//! Money, numbers, sizes and dates as templates write them.

use std::borrow::Borrow;

use tollgate_domain::{
    Timestamp,
    device::{Device, Platform},
    files::File,
    money::Money,
};

use super::{Count, Texts};

impl Texts {
    /// Returns an amount of money with its currency, such as `$12.00` or `12,00 €`.
    pub(crate) fn money(self, money: impl Borrow<Money>) -> String {
        tollgate_formats::money(self.0, *money.borrow())
    }

    /// Returns a whole number with its digits grouped.
    pub(crate) fn number(self, number: impl Count) -> String {
        tollgate_formats::decimal(self.0, number.count().unsigned_abs(), 0)
    }

    /// Returns a size in bytes in readable units.
    pub(crate) fn size(self, bytes: impl Borrow<u64>) -> String {
        let bytes = *bytes.borrow();
        let size = tollgate_formats::size(self.0, bytes);
        size.unwrap_or_else(|| self.count("size-bytes", bytes))
    }

    /// Returns the greatest size that is allowed, in readable units.
    pub(crate) fn size_limit(self, bytes: u64) -> String {
        let limit = tollgate_formats::size_limit(self.0, bytes);
        limit.unwrap_or_else(|| self.count("size-bytes", bytes))
    }

    /// Returns the kind of a file in words. Only contents that were recognised count as picture, sound or film, whatever type the uploader
    /// gave.
    pub(crate) fn file_kind(self, file: &File) -> String {
        let content_type = file.media.map_or(&*file.content_type, |media| media.content_type());
        let essence = content_type.split(';').next().unwrap_or_default().trim();
        self.get(match essence.split_once('/').unwrap_or_default() {
            ("image", _) if file.media.is_some() => "file-picture",
            ("audio", _) if file.media.is_some() => "file-audio",
            ("video", _) if file.media.is_some() => "file-video",
            (_, "pdf") => "file-pdf",
            (
                _,
                "zip" | "x-zip-compressed" | "gzip" | "x-gzip" | "x-tar" | "x-7z-compressed"
                | "vnd.rar" | "x-bzip2" | "x-xz" | "zstd",
            ) => "file-archive",
            ("text", _) => "file-text",
            _ => "file-other",
        })
    }

    /// Returns a kind of device, such as `Firefox on Linux`, or `A browser` if nothing is known about it.
    pub(crate) fn device(self, device: Device) -> String {
        let browser = device.browser.map(|name| name.as_str().to_owned());
        let browser = browser.unwrap_or_else(|| self.get("device-browser"));
        let Some(platform) = device.platform else { return browser };
        let id = match platform {
            Platform::IPhone | Platform::IPad | Platform::Mac => "device-on-apple",
            Platform::Android | Platform::ChromeOs | Platform::Linux | Platform::Windows => {
                "device-on-system"
            }
        };
        self.with2(id, "browser", browser, "platform", platform.as_str())
    }

    /// Returns the day of an instant (UTC), such as `3 December 2026`.
    pub(crate) fn day(self, at: impl Borrow<Timestamp>) -> String {
        tollgate_formats::day(self.0, *at.borrow())
    }

    /// Returns the day and time of an instant (UTC), such as `3 Dec 2026, 14:05 UTC`.
    pub(crate) fn day_and_time(self, at: impl Borrow<Timestamp>) -> String {
        tollgate_formats::day_and_time(self.0, *at.borrow())
    }
}
