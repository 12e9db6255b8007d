//! Markup that log content cannot break out of.
//!
//! What is written as it is must be part of the program: it has the type `&'static str`. Everything else
//! goes through [`Markup::text`] or [`Markup::attribute`], which blank secrets, show hidden characters and
//! escape what HTML gives a meaning.

use std::fmt::Display;
use std::io::{self, Write};

use crate::redacted;

/// A piece of a page.
#[derive(Default)]
pub(super) struct Markup(String);

impl Markup {
    /// Markup of the program's own.
    pub(super) fn raw(&mut self, markup: &'static str) -> &mut Markup {
        self.0.push_str(markup);
        self
    }

    /// Text out of a log or a rule.
    pub(super) fn text(&mut self, text: impl AsRef<str>) -> &mut Markup {
        self.visible(&redacted(text.as_ref()))
    }

    /// Text whose secrets are blanked already, as those of a field with a telling name.
    pub(super) fn blanked(&mut self, text: &str) -> &mut Markup {
        self.visible(&crate::escape::escape(text))
    }

    /// A number, which holds nothing to escape.
    pub(super) fn number(&mut self, number: impl Into<f64> + Display) -> &mut Markup {
        self.0.push_str(&number.to_string());
        self
    }

    /// An attribute with its value: ` name="value"`.
    pub(super) fn attribute(&mut self, name: &'static str, value: impl AsRef<str>) -> &mut Markup {
        self.raw(" ").raw(name).raw("=\"").text(value).raw("\"")
    }

    /// An element with a text in it.
    pub(super) fn element(
        &mut self,
        start: &'static str,
        text: impl AsRef<str>,
        end: &'static str,
    ) -> &mut Markup {
        self.raw(start).text(text).raw(end)
    }

    /// Writes what is there so far, and forgets it.
    pub(super) fn flush(&mut self, writer: &mut dyn Write) -> io::Result<()> {
        writer.write_all(self.0.as_bytes())?;
        self.0.clear();
        Ok(())
    }

    fn visible(&mut self, text: &str) -> &mut Markup {
        for character in text.chars() {
            match character {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                '`' => self.0.push_str("&#96;"),
                other => self.0.push(other),
            }
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::Markup;

    #[test]
    fn text_stays_text() {
        let mut markup = Markup::default();
        markup.raw("<a").attribute("title", "\" onclick='x'").raw(">");
        markup.text("<script>&`\u{202e}\n?code=secret&").raw("</a>").number(1.5_f64);
        let mut page = Vec::new();
        markup.flush(&mut page).unwrap();
        assert_eq!(
            String::from_utf8(page).unwrap(),
            "<a title=\"&quot; onclick=&#39;x&#39;\">&lt;script&gt;&amp;&#96;\\u{202e}\\n\
             ?code=REDACTED&amp;</a>1.5"
        );
    }
}
