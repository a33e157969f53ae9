//! The language the agent speaks: the chosen one, or the system's.

use qiyou_api::Language;

/// The language of the person's system: of the environment (`LC_ALL`, `LC_MESSAGES`, `LANG`) where that says one, else
/// what Windows and macOS have in their settings. Chinese where nothing is said.
pub(crate) fn system() -> qiyou_words::Language {
    let said = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
    let locale = said.or_else(sys_locale::get_locale).unwrap_or_default();
    qiyou_words::Language::of_locale(&locale)
}

/// The language for these settings.
pub(crate) fn language(chosen: Language) -> qiyou_words::Language {
    match chosen {
        Language::System => system(),
        Language::ZhCn => qiyou_words::Language::ZhCn,
        Language::ZhTw => qiyou_words::Language::ZhTw,
        Language::En => qiyou_words::Language::En,
    }
}
