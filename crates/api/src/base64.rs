//! Base64 as in Secrets: the standard alphabet, padded.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

pub fn encode(bytes: impl AsRef<[u8]>) -> String {
    STANDARD.encode(bytes)
}

/// The bytes; nothing if the text is no base64. Line breaks are passed over.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    if text.contains(['\n', '\r']) {
        let joined: String = text.chars().filter(|c| !matches!(c, '\n' | '\r')).collect();
        return STANDARD.decode(joined).ok();
    }
    STANDARD.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_goes_there_and_back() {
        assert_eq!(encode("admin"), "YWRtaW4=");
        assert_eq!(decode("YWRt\naW4="), Some(b"admin".to_vec()));
        assert_eq!(decode("YWRtaW4"), None);
    }
}
