//! Formatting of an event as one JSON object. Every request logs a line, so it is written directly into the
//! line's text, which is several times as fast as the general formatter.

use std::fmt::{self, Debug, Display, Write};

use tollgate_domain::clock::Clock;
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    fmt::{FmtContext, FormatEvent, FormatFields, format::Writer},
    registry::LookupSpan,
};

use crate::system::SystemClock;

/// Formats the time, the level, the fields of the event, and the module that logged it.
pub(super) struct JsonLine;

impl<S, N> FormatEvent<S, N> for JsonLine
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _: &FmtContext<'_, S, N>,
        mut line: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let metadata = event.metadata();
        write!(
            line,
            "{{\"timestamp\":\"{}\",\"level\":\"{}\"",
            SystemClock.now(),
            metadata.level().as_str()
        )?;
        let mut members = Members { line: line.by_ref(), result: Ok(()) };
        event.record(&mut members);
        members.string("target", metadata.target());
        members.result?;
        line.write_str("}\n")
    }
}

/// Writes further members into an object that already has some.
struct Members<'a> {
    line: Writer<'a>,
    result: fmt::Result,
}

impl Members<'_> {
    fn member(&mut self, name: &str, value: impl FnOnce(&mut Writer<'_>) -> fmt::Result) {
        let line = &mut self.line;
        self.result = self.result.and_then(|()| {
            line.write_str(",\"")?;
            line.write_str(name)?;
            line.write_str("\":")?;
            value(line)
        });
    }

    fn number(&mut self, field: &Field, number: impl Display) {
        self.member(field.name(), |line| write!(line, "{number}"));
    }

    fn string(&mut self, name: &str, text: &str) {
        self.member(name, |line| {
            line.write_char('"')?;
            Escaped(line).write_str(text)?;
            line.write_char('"')
        });
    }
}

impl Visit for Members<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.string(field.name(), value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.number(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.number(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.number(field, value);
    }

    // All other values are written as text, including numbers that JSON cannot represent.
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.member(field.name(), |line| {
            line.write_char('"')?;
            write!(Escaped(line), "{value:?}")?;
            line.write_char('"')
        });
    }
}

/// Writes text inside a JSON string. Source: RFC 8259 §7.
struct Escaped<'a, 'b>(&'a mut Writer<'b>);

impl Write for Escaped<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let is_special = |byte: u8| byte < b' ' || byte == b'"' || byte == b'\\';
        let mut rest = text;
        while let Some(at) = rest.bytes().position(is_special) {
            // All bytes that need an escape are ASCII, so each is a whole character.
            let (plain, from) = rest.split_at(at);
            self.0.write_str(plain)?;
            let mut following = from.chars();
            for character in following.by_ref().take(1) {
                match character {
                    '"' => self.0.write_str("\\\"")?,
                    '\\' => self.0.write_str("\\\\")?,
                    '\n' => self.0.write_str("\\n")?,
                    control => write!(self.0, "\\u{:04x}", u32::from(control))?,
                }
            }
            rest = following.as_str();
        }
        self.0.write_str(rest)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use serde_json::{Value, json};
    use tracing_subscriber::fmt::MakeWriter;

    use super::*;

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl std::io::Write for Written {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    impl<'a> MakeWriter<'a> for Written {
        type Writer = Self;

        fn make_writer(&'a self) -> Self {
            self.clone()
        }
    }

    /// Returns what `event` writes, as text and parsed.
    fn logged(event: impl FnOnce()) -> (String, Value) {
        let written = Written::default();
        let lines = tracing_subscriber::fmt().event_format(JsonLine).with_writer(written.clone());
        tracing::subscriber::with_default(lines.finish(), event);
        let text = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
        let line = serde_json::from_str(&text).unwrap();
        (text, line)
    }

    #[test]
    fn event_is_one_line_of_json() {
        let (text, mut line) = logged(|| {
            tracing::warn!(
                status = 404_u16,
                micros = -1_i64,
                warm = true,
                route = "/*",
                "answered"
            );
        });
        assert_eq!(text.matches('\n').count(), 1);
        let time = line.as_object_mut().unwrap().remove("timestamp").unwrap();
        time.as_str().unwrap().parse::<tollgate_domain::Timestamp>().unwrap();
        assert_eq!(
            line,
            json!({
                "level": "WARN", "message": "answered", "status": 404, "micros": -1, "warm": true,
                "route": "/*", "target": "tollgate::logging::line::tests",
            })
        );
    }

    #[test]
    fn no_text_breaks_out_of_its_string() {
        let nasty = "a\"b\\c\nd\re\u{1}f\u{7f}ü\",\"level\":\"x\"\\";
        let (text, line) = logged(|| {
            tracing::info!(shown = %nasty, told = nasty, ratio = f64::NAN, "{nasty}");
        });
        assert_eq!(text.matches('\n').count(), 1);
        for name in ["shown", "told", "message"] {
            assert_eq!(line[name], nasty, "{name}");
        }
        assert_eq!(line["level"], "INFO");
        assert_eq!(line["ratio"], "NaN");
    }
}
