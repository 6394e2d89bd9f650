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

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Namespace();
}
