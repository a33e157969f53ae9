//! `[policy]`: what the company fixes in the app.

use anyhow::{anyhow, ensure};
use qiyou_bridge_api::{Features, Fixed, LONGEST_SIGNATURE, MOST_FOLLOWED};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// The longest name of a folder, in bytes.
const LONGEST_FOLDER: usize = 500;
/// What a signature is filled in with.
pub const FIELDS: [&str; 6] = ["name", "title", "department", "phone", "address", "company"];

/// What the company fixes in the app. Absent: nothing.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Policy {
    /// Folders that are followed: roles, and whole paths.
    pub follow: Vec<String>,
    /// HTML, or lines of text, with fields.
    pub signature: Option<String>,
    /// Whether it stands under answers, too.
    pub signature_replies: bool,
    /// Settings by name.
    pub settings: BTreeMap<String, Value>,
    pub features: Switches,
}

/// What there is at all.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Switches {
    /// Pictures of the network.
    pub remote_pictures: bool,
    /// The way into the webmail, where `[netease]` makes one.
    pub webmail: bool,
}

impl Default for Switches {
    fn default() -> Self {
        Self {
            remote_pictures: true,
            webmail: true,
        }
    }
}

impl Policy {
    /// Every mistake with what to write instead.
    pub fn examine(&self) -> anyhow::Result<()> {
        ensure!(
            self.follow.len() <= MOST_FOLLOWED,
            "policy.follow: at most {MOST_FOLLOWED} folders; each costs a connection of every member"
        );
        for folder in &self.follow {
            ensure!(
                !folder.trim().is_empty() && folder.len() <= LONGEST_FOLDER && !folder.chars().any(char::is_control),
                "policy.follow: {folder:?} is no folder; write a role such as \"sent\", or a path such as \"项目/报价\""
            );
        }
        if let Some(signature) = &self.signature {
            ensure!(
                signature.len() <= LONGEST_SIGNATURE,
                "policy.signature: at most {LONGEST_SIGNATURE} bytes"
            );
            if let Some(field) = unknown_field(signature) {
                return Err(anyhow!(
                    "policy.signature: {{{field}}} is no field; there are {{{}}}",
                    FIELDS.join("}, {")
                ));
            }
        }
        for (name, value) in &self.settings {
            Fixed::read(name, value).map_err(|why| anyhow!("policy.settings.{name}: {why}"))?;
        }
        Ok(())
    }

    /// What the app is told of the switches.
    pub fn features(&self) -> Features {
        Features {
            remote_pictures: self.features.remote_pictures,
        }
    }
}

/// The first `{word}` that is none of the fields. Other braces are text.
fn unknown_field(text: &str) -> Option<&str> {
    text.split('{').skip(1).find_map(|rest| {
        let (word, _) = rest.split_once('}')?;
        let is_word = !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c == '_');
        (is_word && !FIELDS.contains(&word)).then_some(word)
    })
}
