# Completion of jack in bash: source <(jack completions bash)
_jack() {
    local -a lines
    # The line up to the cursor, because bash's own words end at `:` and `=`.
    mapfile -t lines < <("${1/#\~/$HOME}" __complete bash -- "${COMP_LINE:0:COMP_POINT}" "$2" 2>/dev/null)
    COMPREPLY=("${lines[@]:1}")
    if [[ ${lines[0]} == files ]]; then
        compopt -o filenames
    fi
    if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[/=] ]]; then
        compopt -o nospace
    fi
}
complete -F _jack jack
