// A picture beside a text, in the sizes and formats that the build made of it (plugins/pictures.ts).
export interface Pictured {
  width: number;
  height: number;
  src: string;
  sources: { type: string; srcset: string }[];
}

export function Picture({ of, alt, title }: { of: Pictured; alt: string; title?: string }) {
  return (
    <figure className="my-8">
      <picture>
        {of.sources.map(({ type, srcset }) => <source key={type} type={type} srcSet={srcset} sizes="(min-width: 48rem) 42rem, 100vw" />)}
        <img src={of.src} width={of.width} height={of.height} alt={alt} loading="lazy" decoding="async" className="h-auto w-full" />
      </picture>
      {title && <figcaption className="mt-2 text-sm text-quiet">{title}</figcaption>}
    </figure>
  );
}
