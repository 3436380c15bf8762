"""How the pages of this folder become a site: `make docs`. Nothing on it comes from elsewhere."""

project = "Thaw"

extensions = ["myst_parser"]
exclude_patterns = ["_build", "examples"]
# Anchors of headings as the forges make them, so that a link works there and here.
myst_heading_anchors = 4
nitpicky = True  # a link that leads nowhere is a warning, and `make docs` makes warnings errors

html_theme = "furo"
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#0b6b78", "color-brand-content": "#0b6b78"},
    "dark_css_variables": {"color-brand-primary": "#6cc5d2", "color-brand-content": "#6cc5d2"},
}
html_title = "Thaw"
html_favicon = "../thaw/static/thaw/favicon.svg"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_copyright = False
html_show_sphinx = False
