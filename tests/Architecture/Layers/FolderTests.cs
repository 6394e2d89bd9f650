using System.Text.RegularExpressions;

namespace SessionManager.Tests.Layers;

public partial class FolderTests
{
    /// <summary>Projects whose parts are of one name for whoever uses them.</summary>
    static readonly Dictionary<string, string> OneNamespace = new()
    {
        // A package: one using brings all of it.
        ["src/Client"] = "SessionManager.Client",
    };

    /// <summary>Where a project's own namespace is not its folder's.</summary>
    static readonly Dictionary<string, string> Roots = new()
    {
        // One product in several assemblies: a concept has one namespace in all of them.
        ["src/Abstractions"] = "SessionManager",
        ["src/Grains"] = "SessionManager",
        ["src/Silo"] = "SessionManager",
    };

    static readonly string[] Rooms = ["src", "tests", "bench"];

    [Fact]
    public void A_namespace_is_its_folder()
    {
        var wrong =
            from project in Directory.GetDirectories(Path.Combine(Repository.Root, "src"))
            let name = $"src/{Path.GetFileName(project)}"
            from file in Directory.GetFiles(project, "*.cs", SearchOption.AllDirectories)
            let folder = Path.GetRelativePath(project, Path.GetDirectoryName(file)!).Replace('\\', '/')
            let declared = Namespace().Match(File.ReadAllText(file)) is { Success: true } match ? match.Groups[1].Value : null
            where declared is not null && !declared.StartsWith("Microsoft.Extensions.", StringComparison.Ordinal)
            let expected = OneNamespace.TryGetValue(name, out var one)
                ? one
                : Roots.GetValueOrDefault(name, $"SessionManager.{Path.GetFileName(project)}") + (folder == "." ? "" : $".{folder.Replace('/', '.')}")
            where declared != expected
            select $"{Path.GetRelativePath(Repository.Root, file)}: {declared}, not {expected}";

        Assert.Empty(wrong);
    }

    /// <summary>As <c>dotnet format</c> sorts them, which itself takes minutes.</summary>
    [Fact]
    public void Usings_are_in_order()
    {
        var wrong =
            from folder in Rooms
            from file in Directory.GetFiles(Path.Combine(Repository.Root, folder), "*.cs", SearchOption.AllDirectories)
            let usings = Using().Matches(File.ReadAllText(file)).Select(match => match.Groups[1].Value).ToArray()
            let sorted = usings.OrderBy(name => name == "System" || name.StartsWith("System.", StringComparison.Ordinal) ? 0 : 1)
                .ThenBy(name => name, StringComparer.OrdinalIgnoreCase)
            where !usings.SequenceEqual(sorted)
            select Path.GetRelativePath(Repository.Root, file);

        Assert.Empty(wrong);
    }

    /// <summary>The naming rule of .editorconfig, for the files that no analyzer reads.</summary>
    [Fact]
    public void A_field_of_a_page_begins_with_an_underscore_as_any_other_does()
    {
        var wrong =
            from file in Directory.GetFiles(Path.Combine(Repository.Root, "src/Console"), "*.razor", SearchOption.AllDirectories)
            from field in Field().Matches(File.ReadAllText(file))
            select $"{Path.GetRelativePath(Repository.Root, file)}: {field.Groups[1].Value}";

        Assert.Empty(wrong);
    }

    [GeneratedRegex(@"^  (?!return|await|throw|yield|using|const|public|else)(?:(?:static|readonly|private) )*[A-Za-z][\w<>\[\]?,.]*(?: [\w<>\[\]?,.]+)* ([a-z]\w*)(?: = .*|, .*|;)$", RegexOptions.Multiline)]
    private static partial Regex Field();

    [GeneratedRegex(@"^using ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Using();

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Namespace();
}
