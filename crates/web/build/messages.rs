//! Makes the languages of the pages out of `messages/`: an enum with one variant for each file, and on it one method for
//! each message of the English file, so that a message that is missing does not compile and one that nobody says is dead
//! code. What a language lacks is found by a test.
//!
//! A message whose English carries markup yields markup, in which whatever is put in is escaped; any other yields text.

use std::{error::Error, fmt::Write as _, fs, path::Path};

use fluent_syntax::{
    ast::{Entry, Expression, InlineExpression, Message, Pattern, PatternElement},
    parser,
};

/// The language whose file says which messages there are.
const ENGLISH: &str = "en";

/// Values of these names are times, which stand in a page as elements.
const TIMES: [&str; 4] = ["since", "until", "used", "when"];

pub(crate) fn write(root: &Path, out: &Path) -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=messages");
    let mut tags = Vec::new();
    for entry in fs::read_dir(root)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "ftl") {
            tags.push(path.file_stem().and_then(|stem| stem.to_str()).ok_or("an odd name")?.to_owned());
        }
    }
    tags.sort();
    let english = fs::read_to_string(root.join(ENGLISH).with_extension("ftl"))?;
    let parsed =
        parser::parse(english.as_str()).map_err(|(_, errors)| format!("{ENGLISH}.ftl: {errors:?}"))?;
    let mut methods = String::new();
    for entry in &parsed.body {
        if let Entry::Message(message) = entry {
            method(message, &mut methods)?;
        }
    }
    fs::write(out, format!("{}\nimpl Language {{\n{methods}}}\n", languages(&tags)?))?;
    Ok(())
}

fn languages(tags: &[String]) -> Result<String, std::fmt::Error> {
    let (mut variants, mut all, mut names, mut sources) =
        (String::new(), String::new(), String::new(), String::new());
    for tag in tags {
        let (first, rest) = tag.split_at(1);
        let variant = format!("{}{}", first.to_uppercase(), rest.replace('-', ""));
        writeln!(variants, "    {variant},")?;
        write!(all, "Self::{variant}, ")?;
        writeln!(names, "            Self::{variant} => {tag:?},")?;
        let path = format!("/messages/{tag}.ftl");
        let source = format!("include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), {path:?}))");
        writeln!(sources, "            Self::{variant} => {source},")?;
    }
    let count = tags.len();
    Ok(format!(
        "/// A language that people's pages speak.\n#[derive(Debug, Clone, Copy, PartialEq, Eq)]\n\
         pub(crate) enum Language {{\n{variants}}}\n\nimpl Language {{\n    \
         pub(crate) const ALL: [Self; {count}] = [{all}];\n\n    \
         /// Its name in RFC 5646.\n    pub(crate) const fn tag(self) -> &'static str {{\n        \
         match self {{\n{names}        }}\n    }}\n\n    const fn source(self) -> &'static str {{\n        \
         match self {{\n{sources}        }}\n    }}\n}}\n"
    ))
}

fn method(message: &Message<&str>, methods: &mut String) -> Result<(), Box<dyn Error>> {
    let id = message.id.name;
    let value = message.value.as_ref().ok_or_else(|| format!("`{id}` says nothing"))?;
    let (mut names, mut has_markup) = (Vec::new(), false);
    look_at(value, &mut names, &mut has_markup)?;
    let has_markup = has_markup || names.iter().any(|name| TIMES.contains(name));
    let (kind, how) = if has_markup { ("Markup", "markup") } else { ("Text", "text") };
    let name = id.replace('-', "_");
    let parameters: String = names.iter().map(|name| format!(", {name}: impl Given")).collect();
    let given: String = names.iter().map(|name| format!("({name:?}, &{name} as &dyn Given), ")).collect();
    write!(
        methods,
        "    pub(crate) fn {name}(self{parameters}) -> {kind} {{\n        self.{how}({id:?}, &[{given}])\n    }}\n"
    )?;
    Ok(())
}

/// Which values a message takes, in their order, and whether it carries markup.
fn look_at<'m>(
    pattern: &Pattern<&'m str>,
    names: &mut Vec<&'m str>,
    has_markup: &mut bool,
) -> Result<(), Box<dyn Error>> {
    for element in &pattern.elements {
        match element {
            PatternElement::TextElement { value } => *has_markup |= value.contains('<'),
            PatternElement::Placeable { expression: Expression::Inline(inline) } => note(inline, names)?,
            PatternElement::Placeable { expression: Expression::Select { selector, variants } } => {
                note(selector, names)?;
                for variant in variants {
                    look_at(&variant.value, names, has_markup)?;
                }
            }
        }
    }
    Ok(())
}

fn note<'m>(inline: &InlineExpression<&'m str>, names: &mut Vec<&'m str>) -> Result<(), Box<dyn Error>> {
    match inline {
        InlineExpression::VariableReference { id } if names.contains(&id.name) => {}
        InlineExpression::VariableReference { id } => names.push(id.name),
        InlineExpression::StringLiteral { .. } => {}
        other @ (InlineExpression::FunctionReference { .. }
        | InlineExpression::MessageReference { .. }
        | InlineExpression::NumberLiteral { .. }
        | InlineExpression::Placeable { .. }
        | InlineExpression::TermReference { .. }) => {
            return Err(format!("a message may only take values, not {other:?}").into());
        }
    }
    Ok(())
}
