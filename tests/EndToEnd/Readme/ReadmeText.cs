using System.Text.RegularExpressions;

namespace SessionManager.Tests.Readme;

/// <summary>The commands and programs of README.md, as a reader copies them.</summary>
static partial class ReadmeText
{
    static readonly string Text = File.ReadAllText(Path.Combine(Repository.Root, "README.md")).ReplaceLineEndings("\n");

    /// <summary>The one block of that language which has <paramref name="part"/> in it.</summary>
    public static string Block(string language, string part) => Blocks(language).Single(block => block.Contains(part, StringComparison.Ordinal));

    public static IReadOnlyList<string> Blocks(string language) =>
        [.. Fence().Matches(Text).Where(fence => fence.Groups[1].Value == language).Select(fence => fence.Groups[2].Value)];

    /// <summary>All languages there are blocks of.</summary>
    public static IReadOnlyList<string> Languages() => [.. Fence().Matches(Text).Select(fence => fence.Groups[1].Value).Distinct()];

    [GeneratedRegex(@"^```(\w*)\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();
}
