def page_as_html(source):
    return ""
