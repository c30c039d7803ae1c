# Completion of jack in fish: jack completions fish | source
function __jack_complete
    set -l before (commandline -opc)
    set -l current (commandline -ct)
    $before[1] __complete fish -- $before[2..-1] "$current" 2>/dev/null | tail -n +2
end
complete -c jack -f -a '(__jack_complete)'
