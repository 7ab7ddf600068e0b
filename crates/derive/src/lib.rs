//! `#[derive(Module)]` makes a struct of layers a module: named parameters, train and eval, printing.
//!
//! Use it through the `downhill` crate, whose prelude has both the trait and this derive.

use proc_macro::TokenStream;
use proc_macro2::{Ident, Span, TokenStream as Tokens, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Error, Field, Fields, Type, parse_macro_input};

/// Implements `Module` and `Display` for a struct with named fields.
///
/// Every field is a part of the module under its own name: a layer, a `Parameter`, a `Buffer`, or an `Option`, `Vec`
/// or array of these. Plain numbers (`usize`, `f64`, `bool`, ...) are not visited. A field of any other type needs
/// `#[module(skip)]`. A network that is a `Layer` also derives `Clone`: `#[derive(Clone, Module)]`.
///
/// `net.copy()` copies a network if all its parts can be copied and its skipped fields are `Clone`.
///
/// ```
/// use downhill::prelude::*;
///
/// struct Settings;
///
/// #[derive(Module)]
/// struct Net {
///     fc: nn::Linear,
///     scale: nn::Parameter,
///     width: usize,
///     #[module(skip)]
///     settings: Settings,
/// }
///
/// let (fc, scale) = (nn::Linear::new(2, 1), nn::Parameter::new(Tensor::ones([1])));
/// let net = Net { fc, scale, width: 2, settings: Settings };
/// let names: Vec<String> = net.named_parameters().into_iter().map(|(name, _)| name).collect();
/// assert_eq!(names, ["fc.weight", "fc.bias", "scale"]);
/// ```
///
/// # What does not compile
///
/// Fields without names, because the names become those of the parameters:
///
/// ```compile_fail
/// # use downhill::prelude::*;
/// #[derive(Module)]
/// struct Net(nn::Linear);
/// ```
///
/// An enum, for which `visit` must be written by hand:
///
/// ```compile_fail
/// # use downhill::prelude::*;
/// #[derive(Module)]
/// enum Net {
///     One { fc: nn::Linear },
/// }
/// ```
///
/// An option that does not exist:
///
/// ```compile_fail
/// # use downhill::prelude::*;
/// #[derive(Module)]
/// struct Net {
///     #[module(ignore)]
///     fc: nn::Linear,
/// }
/// ```
///
/// A field that is not a part of a module and is not skipped: a bare `Tensor` could be either a `Parameter` or a
/// `Buffer`.
///
/// ```compile_fail,E0277
/// # use downhill::prelude::*;
/// #[derive(Module)]
/// struct Net {
///     weight: Tensor,
/// }
/// ```
#[proc_macro_derive(Module, attributes(module))]
pub fn derive_module(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    implement(&input).unwrap_or_else(Error::into_compile_error).into()
}

fn implement(input: &DeriveInput) -> Result<Tokens, Error> {
    let name = &input.ident;
    if let Some(attribute) = input.attrs.iter().find(|attribute| attribute.path().is_ident("module")) {
        return Err(Error::new_spanned(
            attribute,
            "`module` is an attribute of fields: write `#[module(skip)]` on the field to be skipped",
        ));
    }
    let Data::Struct(data) = &input.data else {
        return Err(Error::new_spanned(
            name,
            "Module can be derived for structs; implement `visit` by hand for an enum",
        ));
    };
    let fields = match &data.fields {
        Fields::Named(fields) => fields.named.iter().collect(),
        Fields::Unit => Vec::new(),
        Fields::Unnamed(fields) => {
            return Err(Error::new_spanned(
                fields,
                "Module needs named fields: the names become those of the parameters",
            ));
        }
    };
    let (mut visits, mut copies, mut copyable) = (Vec::new(), Vec::new(), Vec::new());
    for field in fields {
        let (ident, ty) = (field.ident.as_ref().expect("a named field"), &field.ty);
        let skipped = is_skipped(field)?;
        let copied: Tokens = match skipped {
            true => quote!(::core::clone::Clone),
            false => quote!(::downhill::nn::DeepCopy),
        };
        // With `for<'copied>`, a bound that does not hold is an error only where the network is copied. For a struct
        // that contains itself the bound would be circular, so it is left out.
        if !mentions(ty, name) {
            copyable.push(quote!(for<'copied> #ty: #copied));
        }
        copies.push(match skipped {
            true => quote!(#ident: <#ty as #copied>::clone(&self.#ident)),
            false => quote!(#ident: <#ty as #copied>::copy_with(&self.#ident, copies)),
        });
        if !skipped {
            let text = ident.unraw().to_string();
            // The span of the field's type, so that the compiler points at a type that cannot be part of a module.
            let here = ty.span().resolved_at(Span::call_site());
            visits.push(quote_spanned! {here=>
                <#ty as ::downhill::nn::Part>::visit_as(&self.#ident, #text, visitor);
            });
        }
    }
    let text = name.unraw().to_string();
    let (generics, arguments, conditions) = input.generics.split_for_impl();
    let given = input.generics.where_clause.iter().flat_map(|clause| &clause.predicates);
    Ok(quote! {
        impl #generics ::downhill::nn::Module for #name #arguments #conditions {
            fn visit(&self, visitor: &mut dyn ::downhill::nn::Visitor) {
                let _ = &visitor;
                #(#visits)*
            }

            fn name(&self) -> &'static str {
                #text
            }
        }

        #[allow(private_bounds)]
        impl #generics ::downhill::nn::DeepCopy for #name #arguments
        where
            #(#given,)*
            #(#copyable,)*
        {
            fn copy_with(&self, copies: &mut ::downhill::nn::Copies) -> Self {
                let _ = &copies;
                #name { #(#copies),* }
            }
        }

        impl #generics ::core::fmt::Display for #name #arguments #conditions {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.write_str(&::downhill::nn::summary(self))
            }
        }
    })
}

/// Whether a field's type mentions the struct itself.
fn mentions(ty: &Type, name: &Ident) -> bool {
    fn among(tokens: Tokens, name: &Ident) -> bool {
        tokens.into_iter().any(|token| match token {
            TokenTree::Ident(ident) => ident == *name || ident == "Self",
            TokenTree::Group(group) => among(group.stream(), name),
            _ => false,
        })
    }
    among(ty.to_token_stream(), name)
}

/// Whether a field has `#[module(skip)]`; anything else in the attribute is an error.
fn is_skipped(field: &Field) -> Result<bool, Error> {
    let mut skipped = false;
    for attribute in field.attrs.iter().filter(|attribute| attribute.path().is_ident("module")) {
        attribute.parse_nested_meta(|meta| {
            skipped = meta.path.is_ident("skip");
            if skipped { Ok(()) } else { Err(meta.error("the only option of a field is `skip`")) }
        })?;
    }
    Ok(skipped)
}

#[cfg(test)]
mod tests {
    use syn::{DeriveInput, parse_quote};

    #[test]
    fn derive_errors_say_what_to_do() {
        let rows: [(DeriveInput, &str); 7] = [
            (
                parse_quote! { struct Net(nn::Linear); },
                "Module needs named fields: the names become those of the parameters",
            ),
            (
                parse_quote! { enum Net { One { fc: nn::Linear } } },
                "Module can be derived for structs; implement `visit` by hand for an enum",
            ),
            (
                parse_quote! { union Net { fc: usize } },
                "Module can be derived for structs; implement `visit` by hand for an enum",
            ),
            (
                parse_quote! { struct Net { #[module(ignore)] fc: nn::Linear } },
                "the only option of a field is `skip`",
            ),
            (
                parse_quote! { struct Net { #[module(skip, ignore)] fc: nn::Linear } },
                "the only option of a field is `skip`",
            ),
            (parse_quote! { struct Net { #[module(skip = true)] fc: nn::Linear } }, "expected `,`"),
            (
                parse_quote! { #[module(skip)] struct Net { fc: nn::Linear } },
                "`module` is an attribute of fields: write `#[module(skip)]` on the field to be skipped",
            ),
        ];
        for (input, text) in rows {
            match super::implement(&input) {
                Ok(_) => panic!("no error, instead of: {text}"),
                Err(error) => assert_eq!(error.to_string(), text),
            }
        }
    }
}
