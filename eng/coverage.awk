# Reads Cobertura reports of several test projects; says how many lines of each project of src some test has run, and which files have
# the most that none has.
BEGIN { RS = "<" }
/^class / { file = attribute("filename"); sub(/^.*\/src\//, "", file) }
/^line / && file !~ /(\/obj\/|^\/)/ {
  line = file SUBSEP attribute("number")
  if (!(line in hit)) { hit[line] = 0; lines[file]++ }
  if (!hit[line] && attribute("hits") > 0) { hit[line] = 1; run[file]++ }
}
END {
  for (file in lines) {
    split(file, part, "/")
    projects[part[1]] += lines[file]; covered[part[1]] += run[file]
    if (lines[file] - run[file] >= 10) printf "%5d lines no test has run: src/%s (of %d)\n", lines[file] - run[file], file, lines[file] | "sort -rn | head -12"
  }
  close("sort -rn | head -12")
  for (project in projects) { printf "%-14s %5.1f %% of %d lines\n", project, 100 * covered[project] / projects[project], projects[project] | "sort" }
}

function attribute(key) { return match($0, " " key "=\"[^\"]*\"") ? substr($0, RSTART + length(key) + 3, RLENGTH - length(key) - 4) : "" }
