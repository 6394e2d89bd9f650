# Reads lcov reports of several suites; says which share of each project's lines any of them ran, and which files are run least.
# awk -v root=/checkout/ -f eng/coverage.awk artifacts/tests/*/coverage.info
/^SF:/ {
  file = substr($0, 4)
  if (index(file, root) == 1) file = substr(file, length(root) + 1)
  split(file, parts, "/")
  ours = parts[1] == "src"
}
/^DA:/ && ours {
  split(substr($0, 4), of, ",")
  line = file SUBSEP of[1]
  if (!(line in hits)) { hits[line] = 0; lines[file]++ }
  if (of[2] > 0 && !hits[line]) { hits[line] = 1; run[file]++ }
}
END {
  for (file in lines) {
    split(file, parts, "/")
    project[parts[2]] += lines[file]
    projectRun[parts[2]] += run[file]
    all += lines[file]
    allRun += run[file]
  }
  if (!all) exit
  print "Lines of src that the in-process tests run (programs, clusters and browsers run more):"
  sorted = "sort"
  for (name in project) printf "  %-14s %5.1f %%  %5d of %5d\n", name, 100 * projectRun[name] / project[name], projectRun[name], project[name] | sorted
  close(sorted)
  printf "  %-14s %5.1f %%  %5d of %5d\n", "in all", 100 * allRun / all, allRun, all
  print "The files with the most lines that none of them runs:"
  sorted = "sort -k1,1nr -k2 | head -" (most ? most : 12)
  for (file in lines) if (lines[file] > run[file]) printf "  %4d of %4d  %s\n", lines[file] - run[file], lines[file], file | sorted
  close(sorted)
}
