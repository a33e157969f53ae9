//! The XML of a Windows toast ("Toast content schema"). Text only, hence built and tested everywhere.

use crate::{
    Bubble, BubbleLink, Urgency,
    bubbles::{BODY_MAX, TITLE_MAX, escape, tame},
};

#[cfg(test)]
mod tests;

/// Windows shows no more buttons.
const BUTTONS_MAX: usize = 5;

/// Longest tag that Windows takes, in UTF-16 units.
const TAG_MAX: usize = 64;

/// A toast whose clicks are links for the agent: they work hours later, and while no agent runs.
pub(crate) fn xml(bubble: &Bubble) -> String {
    let link = |button: Option<&str>| escape(&BubbleLink::of(bubble, button).to_string());
    // A critical toast stays on the screen until it is dealt with.
    let scenario = if bubble.urgency == Urgency::Critical {
        " scenario=\"reminder\""
    } else {
        ""
    };
    let title = escape(&legal(&tame(&bubble.title, TITLE_MAX, false)));
    let body = escape(&legal(&tame(&bubble.body, BODY_MAX, true)));
    let mut actions = String::new();
    for button in bubble.buttons.iter().take(BUTTONS_MAX) {
        let label = escape(&legal(&tame(&button.label, TITLE_MAX, false)));
        let arguments = link(Some(&button.key));
        actions.push_str("<action activationType=\"protocol\" content=\"");
        actions.push_str(&label);
        actions.push_str("\" arguments=\"");
        actions.push_str(&arguments);
        actions.push_str("\"/>");
    }
    format!(
        "<toast activationType=\"protocol\" launch=\"{}\"{scenario}><visual><binding template=\"ToastGeneric\">\
         <text>{title}</text><text>{body}</text></binding></visual><actions>{actions}</actions></toast>",
        link(None),
    )
}

/// The tag by which Windows knows the toast: the bubble's own, or a digest of one that is too long.
pub(crate) fn tag(bubble: &Bubble) -> String {
    if bubble.tag.encode_utf16().count() <= TAG_MAX {
        return bubble.tag.clone();
    }
    // FNV-1a, 64 bits: the same in every version of the program, and only people's own mails can collide.
    let digest = bubble.tag.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{digest:016x}")
}

/// Leaves out the characters that XML 1.0 cannot hold.
fn legal(text: &str) -> String {
    text.chars().filter(|c| !matches!(c, '\u{fffe}' | '\u{ffff}')).collect()
}
