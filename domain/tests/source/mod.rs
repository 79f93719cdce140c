//! A small reader of Rust sources: which file names something of which other file. It sees what is written as a path, by `use` or in
//! place; a method called on a value is not seen. Code that exists for tests alone is left out.

#![allow(clippy::unwrap_used, reason = "tests")]

mod tokens;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use tokens::{Token, after_group, tokens_of};

/// A module that is a file, from the crate's root: `["policy", "judge"]`; of `mod.rs` its folder.
pub type Module = Vec<String>;

/// The sources of one crate.
pub struct Sources {
    files: BTreeMap<Module, File>,
}

#[derive(Default)]
struct File {
    /// Names that `use` brings in, with where they come from; those that it passes on (`pub use`) are not told apart here.
    names: BTreeMap<String, Module>,
    /// Modules of which everything is brought in.
    globs: Vec<Module>,
    /// What is defined here.
    items: BTreeSet<String>,
    /// Paths that make this file depend on another: what is used, not what is merely passed on.
    paths: Vec<Module>,
}

impl Sources {
    /// Reads all files below `folder`, the `src` of a crate.
    pub fn read(folder: &Path) -> Self {
        let mut tokens = BTreeMap::new();
        for path in rust_files(folder) {
            let module = module_of(path.strip_prefix(folder).unwrap());
            if module != ["main"] {
                tokens.insert(module, tokens_of(&fs::read_to_string(&path).unwrap()));
            }
        }
        let mut for_tests: BTreeSet<Module> = BTreeSet::new();
        for (module, tokens) in &mut tokens {
            let (kept, modules) = without_tests(tokens);
            *tokens = kept;
            for_tests.extend(modules.into_iter().map(|name| child(module, &name)));
        }
        tokens.retain(|module, _| !for_tests.iter().any(|test| module.starts_with(test)));
        let known: BTreeSet<Module> = tokens.keys().cloned().collect();
        let files = tokens.into_iter().map(|(module, tokens)| (module.clone(), Reader::new(&module, &known).read(&tokens)));
        Self { files: files.collect() }
    }

    /// Which file depends on which.
    pub fn edges(&self) -> BTreeMap<Module, BTreeSet<Module>> {
        let targets = |from: &Module, file: &File| {
            let found = file.paths.iter().map(|path| self.home(path, 0)).filter(|to| to != from);
            found.collect::<BTreeSet<_>>()
        };
        self.files.iter().map(|(module, file)| (module.clone(), targets(module, file))).collect()
    }

    /// The file in which what a path names is written, however often it is passed on.
    fn home(&self, path: &[String], depth: usize) -> Module {
        let mut here = Module::new();
        for (place, name) in path.iter().enumerate() {
            let deeper = child(&here, name);
            if self.files.contains_key(&deeper) {
                here = deeper;
                continue;
            }
            let Some(file) = self.files.get(&here) else { break };
            if file.items.contains(name) || depth > 8 {
                break;
            }
            let from = file.names.get(name).cloned().or_else(|| {
                let all = file.globs.iter().map(|glob| self.home(glob, depth + 1));
                let mut has = all
                    .filter(|module| self.files.get(module).is_some_and(|file| file.items.contains(name) || file.names.contains_key(name)));
                has.next().map(|module| child(&module, name))
            });
            match from {
                Some(from) => return self.home(&[&from[..], &path[place + 1..]].concat(), depth + 1),
                None => break,
            }
        }
        here
    }
}

/// All Rust files below a folder, in order.
pub fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(rust_files(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn module_of(path: &Path) -> Module {
    let mut module: Module = path.with_extension("").iter().map(|part| part.to_str().unwrap().to_owned()).collect();
    if module.last().is_some_and(|last| last == "mod") || module == ["lib"] {
        module.pop();
    }
    module
}

fn child(module: &[String], name: &str) -> Module {
    [module, &[name.to_owned()]].concat()
}

/// The tokens without what `#[cfg(test)]` marks, and the names of modules in files of their own that it marks.
fn without_tests(tokens: &[Token]) -> (Vec<Token>, Vec<String>) {
    let (mut kept, mut modules) = (Vec::new(), Vec::new());
    let mut place = 0;
    while place < tokens.len() {
        let attribute = tokens[place] == Token::Mark('#') && tokens.get(place + 1) == Some(&Token::Mark('['));
        if !attribute {
            kept.push(tokens[place].clone());
            place += 1;
            continue;
        }
        let end = after_group(tokens, place + 1);
        let inside = &tokens[place + 2..end - 1];
        let is = |word: &str| inside.contains(&Token::Word(word.to_owned()));
        place = end;
        if !(inside.first() == Some(&Token::Word("cfg".to_owned())) && is("test") && !is("not")) {
            continue;
        }
        while tokens.get(place) == Some(&Token::Mark('#')) {
            place = after_group(tokens, place + 1);
        }
        if let (Some(Token::Word(word)), Some(Token::Word(name)), Some(Token::Mark(';'))) =
            (tokens.get(place), tokens.get(place + 1), tokens.get(place + 2))
            && word == "mod"
        {
            modules.push(name.clone());
        }
        // An item ends with its semicolon or its braces; a statement's parentheses may hold either.
        while let Some(token) = tokens.get(place) {
            match token {
                Token::Mark(';') => {
                    place += 1;
                    break;
                }
                Token::Mark('{') => {
                    place = after_group(tokens, place);
                    break;
                }
                Token::Mark('(' | '[') => place = after_group(tokens, place),
                _ => place += 1,
            }
        }
    }
    (kept, modules)
}

/// Reads one file.
struct Reader<'a> {
    module: &'a Module,
    known: &'a BTreeSet<Module>,
    file: File,
}

impl<'a> Reader<'a> {
    fn new(module: &'a Module, known: &'a BTreeSet<Module>) -> Self {
        Self { module, known, file: File::default() }
    }

    fn read(mut self, tokens: &[Token]) -> File {
        // What is used in place is told by what `use` brings in, which may stand below.
        let mut inline: Vec<Vec<String>> = Vec::new();
        let mut place = 0;
        let mut public = false;
        while place < tokens.len() {
            let Token::Word(word) = &tokens[place] else {
                // `pub(super) use`: what stands between changes nothing.
                public &= matches!(tokens[place], Token::Mark('(' | ')'));
                place += 1;
                continue;
            };
            match word.as_str() {
                "pub" => public = true,
                "crate" | "super" | "self" | "in" if public && !matches!(tokens.get(place + 1), Some(Token::Then)) => {}
                "use" => {
                    let mut end = place;
                    while tokens.get(end).is_some_and(|token| *token != Token::Mark(';')) {
                        end += 1;
                    }
                    self.brings_in(&tokens[place + 1..end], &[], public);
                    (place, public) = (end, false);
                }
                "fn" | "struct" | "enum" | "trait" | "type" | "const" | "static" | "union" => {
                    if let Some(Token::Word(name)) = tokens.get(place + 1) {
                        self.file.items.insert(name.clone());
                    }
                    public = false;
                }
                "macro_rules" => {
                    if let Some(Token::Word(name)) = tokens.get(place + 2) {
                        self.file.items.insert(name.clone());
                    }
                }
                _ => {
                    public = false;
                    let starts = place == 0 || !matches!(tokens[place - 1], Token::Then | Token::Mark('$'));
                    let mut path = vec![word.clone()];
                    while let (Some(Token::Then), Some(Token::Word(next))) = (tokens.get(place + 1), tokens.get(place + 2)) {
                        path.push(next.clone());
                        place += 2;
                    }
                    if starts && path.len() > 1 {
                        inline.push(path);
                    }
                }
            }
            place += 1;
        }
        for path in inline {
            let through = self.file.names.get(&path[0]).map(|from| [&from[..], &path[1..]].concat());
            self.file.paths.extend(through.or_else(|| self.absolute(&path)));
        }
        self.file
    }

    /// Takes in a tree of `use`, below `before`.
    fn brings_in(&mut self, tree: &[Token], before: &[String], public: bool) {
        let mut path = before.to_vec();
        let mut place = 0;
        while place < tree.len() {
            match &tree[place] {
                Token::Word(word) if word == "as" => break,
                Token::Word(word) => path.push(word.clone()),
                Token::Mark('{') => {
                    let end = after_group(tree, place);
                    for branch in branches(&tree[place + 1..end - 1]) {
                        self.brings_in(branch, &path, public);
                    }
                    return;
                }
                Token::Mark('*') => {
                    if let Some(from) = self.absolute(&path) {
                        self.file.globs.push(from.clone());
                        if !public {
                            self.file.paths.push(from);
                        }
                    }
                    return;
                }
                _ => {}
            }
            place += 1;
        }
        let renamed = match (tree.get(place), tree.get(place + 1)) {
            (Some(Token::Word(word)), Some(Token::Word(name))) if word == "as" => Some(name.clone()),
            _ => None,
        };
        if path.len() > 1 && path.last().is_some_and(|last| last == "self") {
            path.pop();
        }
        let Some(from) = self.absolute(&path) else { return };
        let name = renamed.or_else(|| from.last().cloned()).unwrap_or_default();
        // A module brought in is used where something of it is named.
        if !public && !self.known.contains(&from) {
            self.file.paths.push(from.clone());
        }
        self.file.names.insert(name, from);
    }

    /// The same path from the crate's root; nothing where it leads into another crate.
    fn absolute(&self, path: &[String]) -> Option<Module> {
        match path.first()?.as_str() {
            "crate" => Some(path[1..].to_vec()),
            "self" => Some([&self.module[..], &path[1..]].concat()),
            "super" => {
                let up = path.iter().take_while(|name| *name == "super").count();
                let above = self.module.len().checked_sub(up)?;
                Some([&self.module[..above], &path[up..]].concat())
            }
            name => self.known.contains(&child(self.module, name)).then(|| [&self.module[..], path].concat()),
        }
    }
}

/// The parts of a `{…}` that commas divide, not counting commas inside deeper ones.
fn branches(tokens: &[Token]) -> Vec<&[Token]> {
    let mut found = Vec::new();
    let (mut start, mut depth) = (0, 0);
    for (place, token) in tokens.iter().enumerate() {
        match token {
            Token::Mark('{') => depth += 1,
            Token::Mark('}') => depth -= 1,
            Token::Mark(',') if depth == 0 => {
                found.push(&tokens[start..place]);
                start = place + 1;
            }
            _ => {}
        }
    }
    found.push(&tokens[start..]);
    found.retain(|branch| !branch.is_empty());
    found
}
