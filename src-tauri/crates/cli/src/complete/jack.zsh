#compdef jack
# Completion of jack in zsh: source <(jack completions zsh), or as a file `_jack` in a folder of $fpath
_jack() {
    local -a lines values shown folders
    local line value
    lines=("${(@f)$(${(Q)words[1]} __complete zsh -- "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)}")
    for line in "${(@)lines[2,-1]}"; do
        value=${line%%$'\t'*}
        if [[ $value == *[/=] ]]; then
            folders+=("$value")
            continue
        fi
        values+=("$value")
        if [[ $line == *$'\t'* ]]; then
            shown+=("$value -- ${line#*$'\t'}")
        else
            shown+=("$value")
        fi
    done
    (( $#values )) && compadd -l -d shown -a values
    (( $#folders )) && compadd -S '' -a folders
}
if [[ ${funcstack[1]} == _jack ]]; then
    _jack "$@"
else
    compdef _jack jack
fi
