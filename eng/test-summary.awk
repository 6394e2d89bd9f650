# Reads TRX reports; names every skipped test with its reason and ends with "N passed, N failed, N skipped".
BEGIN { RS = "<" }
/^UnitTestResult / { name = attribute("testName"); skipping = attribute("outcome") == "NotExecuted"; reason = "" }
skipping && /^(Message|StdOut)>/ && reason == "" { reason = $0; sub(/^[^>]*>/, "", reason); gsub(/[ \t\r\n]+/, " ", reason) }
/^\/UnitTestResult>/ && skipping { skip(); }
/^UnitTestResult / && /\/>[ \t\r\n]*$/ && skipping { skip() }
/^Counters / { passed += attribute("passed"); failed += attribute("failed") }
END { printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped }

function attribute(key) { return match($0, " " key "=\"[^\"]*\"") ? substr($0, RSTART + length(key) + 3, RLENGTH - length(key) - 4) : "" }
function skip() { skipped++; skipping = 0; printf "skipped: %s:%s\n", name, reason == "" ? " no reason given" : " " reason }
