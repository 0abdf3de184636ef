//! The names of the shell's options.

use crate::state::Options;

impl Options {
    fn by_flag(&mut self, flag: char) -> Option<&mut bool> {
        Some(match flag {
            'a' => &mut self.all_export,
            'e' => &mut self.errexit,
            'f' => &mut self.noglob,
            'm' => &mut self.monitor,
            'n' => &mut self.noexec,
            'u' => &mut self.nounset,
            'v' => &mut self.verbose,
            'x' => &mut self.xtrace,
            'C' => &mut self.noclobber,
            _ => return None,
        })
    }

    /// `-e` and the like; `false` if there is no such option.
    pub(crate) fn set_by_flag(&mut self, flag: char, on: bool) -> bool {
        if matches!(flag, 'b' | 'h' | 'B' | 'H' | 'P' | 'T' | 'E' | 'k' | 'p' | 't') {
            return true;
        }
        self.by_flag(flag).map(|option| *option = on).is_some()
    }

    /// `-o errexit` and the like.
    pub(crate) fn set_by_name(&mut self, name: &str, on: bool) -> bool {
        if name == "pipefail" {
            self.pipefail = on;
            return true;
        }
        if matches!(name, "emacs" | "vi" | "history" | "posix" | "braceexpand" | "hashall" | "histexpand" | "notify") {
            return true;
        }
        let flag = Self::NAMES.iter().find(|(own, _)| *own == name).map(|(_, flag)| *flag);
        flag.is_some_and(|flag| self.set_by_flag(flag, on))
    }

    const NAMES: [(&'static str, char); 9] = [
        ("allexport", 'a'),
        ("errexit", 'e'),
        ("monitor", 'm'),
        ("noclobber", 'C'),
        ("noexec", 'n'),
        ("noglob", 'f'),
        ("nounset", 'u'),
        ("verbose", 'v'),
        ("xtrace", 'x'),
    ];

    /// Names with their settings, by name.
    pub(crate) fn all(mut self) -> Vec<(&'static str, bool)> {
        let pipefail = self.pipefail;
        let mut all: Vec<_> = Self::NAMES
            .into_iter()
            .map(|(name, flag)| (name, self.by_flag(flag).is_some_and(|on| *on)))
            .chain([("pipefail", pipefail)])
            .collect();
        all.sort_unstable();
        all
    }
}
