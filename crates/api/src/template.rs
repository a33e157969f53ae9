//! Texts that mails are begun with.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

pub type TemplateId = i64;

/// What a template says. `{{name}}` in subject and text is a field, which is filled in when a mail is begun with it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct TemplateContent {
    pub name: String,
    pub subject: String,
    /// As the editor has it.
    pub html: String,
}

/// One template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Template {
    pub id: TemplateId,
    pub content: TemplateContent,
}

/// Parameters of `templates.save`; without a number it is a new one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TemplateSaveParams {
    pub id: Option<TemplateId>,
    pub content: TemplateContent,
}

/// Parameters of everything that is done with one template.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TemplateParams {
    pub id: TemplateId,
}
