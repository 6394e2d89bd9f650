using System.Text.RegularExpressions;

namespace SessionManager.Tests.Documentation;

public partial class DocumentationTests
{
    static readonly string[] Pages =
    [
        .. Directory.GetFiles(Repository.Root, "*.md"),
        .. Directory.GetFiles(Path.Combine(Repository.Root, "docs"), "*.md", SearchOption.AllDirectories),
        Path.Combine(Repository.Root, "src/Client/README.md"),
        .. Directory.GetDirectories(Path.Combine(Repository.Root, "samples")).Select(sample => Path.Combine(sample, "README.md")),
    ];

    [Fact]
    public void Every_link_leads_to_a_file_and_a_heading_that_are_there()
    {
        var dead =
            from page in Pages
            from link in Link().Matches(File.ReadAllText(page))
            let target = link.Groups[1].Value
            where !target.Contains("://", StringComparison.Ordinal)
            let parts = target.Split('#')
            let path = parts[0].Length == 0 ? page : Path.Combine(Path.GetDirectoryName(page)!, parts[0])
            where !Path.Exists(path) || (parts.Length > 1 && !Anchors(path).Contains(parts[1]))
            select $"{Path.GetRelativePath(Repository.Root, page)}: {target}";

        Assert.Empty(dead);
    }

    [Fact]
    public void Every_page_is_found_from_the_index()
    {
        var docs = Path.Combine(Repository.Root, "docs");
        var index = File.ReadAllText(Path.Combine(docs, "README.md")) + File.ReadAllText(Path.Combine(docs, "decisions", "README.md"));

        var pages = Directory.GetFiles(docs, "*.md", SearchOption.AllDirectories).Select(page => Path.GetFileName(page)!).Where(name => name != "README.md");
        Assert.All(pages, name => Assert.Contains(name, index, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_setting_that_a_page_names_is_one()
    {
        var settings = Settings().ToHashSet();
        var wrong =
            from page in Pages
            from setting in Setting().Matches(File.ReadAllText(page)).Select(match => match.Value)
            where !settings.Contains(setting)
            select $"{Path.GetFileName(page)}: {setting}";

        Assert.Empty(wrong);
    }

    static IEnumerable<string> Settings() =>
        (from file in Directory.GetFiles(Path.Combine(Repository.Root, "src"), "*Options.cs", SearchOption.AllDirectories)
         let source = File.ReadAllText(file)
         from section in Section().Matches(source)
         from property in Property().Matches(source)
         select $"{section.Groups[1].Value}__{property.Groups[1].Value}").Append("Signing__MasterKey");

    /// <summary>As GitHub makes them of headings.</summary>
    static IEnumerable<string> Anchors(string path) => Heading().Matches(File.ReadAllText(path))
        .Select(heading => NoAnchor().Replace(heading.Groups[1].Value.Trim().ToLowerInvariant(), "").Replace(' ', '-'));

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^#+ (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NoAnchor();

    [GeneratedRegex(@"(?<![\w.])(?!OTEL|Logging)[A-Z][A-Za-z]+__[A-Z][A-Za-z]+")]
    private static partial Regex Setting();

    [GeneratedRegex("""const string Section = "(\w+)";""")]
    private static partial Regex Section();

    [GeneratedRegex(@"public [\w?<>]+ (\w+) \{ get; set; \}")]
    private static partial Regex Property();
}
