namespace SessionManager.Tests;

/// <summary>
/// A contract as text in <c>docs/contracts</c>: what others rely on (clients, stored data, processes of another version) changes only
/// where a reader of the change can see it.
/// </summary>
public static class Snapshot
{
    const string Accepting = "ACCEPT_CONTRACTS";

    /// <param name="name">The file in <c>docs/contracts</c>.</param>
    public static void Matches(string name, string actual)
    {
        var path = Path.Combine(Repository.Root, "docs", "contracts", name);
        actual = actual.ReplaceLineEndings("\n").TrimEnd() + "\n";
        if (Environment.GetEnvironmentVariable(Accepting) == "1")
        {
            File.WriteAllText(path, actual);
            return;
        }

        var expected = File.Exists(path) ? File.ReadAllText(path).ReplaceLineEndings("\n") : "";
        if (expected == actual)
            return;
        var (before, after) = (expected.Split('\n'), actual.Split('\n'));
        var line = before.Zip(after).TakeWhile(pair => pair.First == pair.Second).Count();
        Assert.Fail(
            $"""
            A contract has changed: docs/contracts/{name}, line {line + 1}.
              before: {before.ElementAtOrDefault(line)}
              now:    {after.ElementAtOrDefault(line)}
            If that is meant, and data and processes of the version before can live with it, run this test once more with {Accepting}=1,
            commit the file, and say in CHANGELOG.md what it changes for whom.
            """);
    }
}
