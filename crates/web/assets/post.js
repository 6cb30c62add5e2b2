// Leads on to an application that wants its answer in a form. Without this the button does.

document.querySelector("form[data-post]")?.submit();
